import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const css = readFileSync("static/css/tokens.css", "utf8");

/** The custom properties of the first block after a selector. */
function block(selector: string): Map<string, string> {
  const start = css.indexOf("{", css.indexOf(selector)) + 1;
  const body = css.slice(start, css.indexOf("}", start));
  return new Map([...body.matchAll(/(--[\w-]+):\s*([^;]+);/g)].map(([, name, value]) => [name ?? "", value ?? ""]));
}

const light = block(":root {");
const device = block(':root:not([data-theme="light"])');
const chosen = block(':root[data-theme="dark"]');

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255);
  const linear = [r, g, b].map((c = 0) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * (linear[0] ?? 0) + 0.7152 * (linear[1] ?? 0) + 0.0722 * (linear[2] ?? 0);
}

/** WCAG 2.2 contrast ratio of two custom properties. */
function contrast(theme: Map<string, string>, ink: string, ground: string): number {
  const [a, b] = [ink, ground].map((name) => luminance(theme.get(`--${name}`) ?? "#000000"));
  return (Math.max(a ?? 0, b ?? 0) + 0.05) / (Math.min(a ?? 0, b ?? 0) + 0.05);
}

test("the device's dark theme and the chosen one are the same", () => {
  assert.ok(device.size > 20);
  assert.deepEqual(device, chosen);
});

for (const [name, theme] of [["light", light], ["dark", new Map([...light, ...chosen])]] as const) {
  test(`text is readable on every ground of the ${name} theme`, () => {
    for (const ground of ["bg", "surface", "raised", "sunken"]) {
      for (const ink of ["ink", "muted", "accent"]) assert.ok(contrast(theme, ink, ground) >= 4.5, `${ink} on ${ground}`);
    }
    for (const status of ["ok", "warn", "bad", "info", "accent"]) {
      const ratio = contrast(theme, status, `${status}-soft`);
      assert.ok(ratio >= 4.5, `${status} on its soft ground: ${ratio.toFixed(2)}`);
    }
    assert.ok(contrast(theme, "accent-ink", "accent") >= 4.5);
  });

  test(`curves and control edges stand out in the ${name} theme`, () => {
    for (const line of ["curve-hip", "curve-knee", "curve-trunk", "line-strong", "focus"]) {
      assert.ok(contrast(theme, line, "surface") >= 3, line);
    }
  });
}
