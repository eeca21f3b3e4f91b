/** Numbers as a person reads them. Text comes from the page (it is translated there); only figures and units are made here. */

/** 83.456 s -> "1:23.5"; minutes always shown, tenths for finding a frame. */
export function clock(seconds: number): string {
  if (!Number.isFinite(seconds)) return "–";
  const tenths = Math.round(Math.max(0, seconds) * 10);
  const minutes = Math.floor(tenths / 600);
  const rest = (tenths - minutes * 600) / 10;
  return `${minutes}:${rest.toFixed(1).padStart(4, "0")}`;
}

/** 0.784 -> "0.78": the form in which the paper's panel prints a probability. */
export function probability(p: number | null): string {
  return p === null ? "–" : p.toFixed(2);
}

export function degrees(value: number | null): string {
  return value === null ? "–" : `${Math.round(value)}°`;
}

export function percent(share: number | null): string {
  return share === null ? "–" : `${Math.round(100 * share)} %`;
}

/** Megabytes (10^6 bytes, as phones count) with one decimal below 100. */
export function megabytes(bytes: number): string {
  const mb = bytes / 1e6;
  return `${mb < 100 ? mb.toFixed(1) : Math.round(mb)} MB`;
}

/** Fill "{name}" places in a sentence that the template translated. */
export function fill(sentence: string, values: Readonly<Record<string, string | number>>): string {
  return sentence.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}
