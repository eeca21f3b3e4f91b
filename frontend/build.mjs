// Bundles frontend/*.ts into static/built/. --watch rebuilds on change; --tests bundles frontend/tests for Node's test runner.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { context, build } from "esbuild";

const entries = (folder, suffix) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(suffix))
    .map((name) => `${folder}/${name}`);

const pages = {
  entryPoints: entries("frontend", ".ts"),
  outdir: "static/built",
  bundle: true,
  format: "iife",
  target: ["chrome109", "firefox115", "safari15.4"],
  minify: true,
  logLevel: "warning",
};

// A package without a file of its licence is under the repository's own, whose text stands in LICENSE.
function licenceOf(folder) {
  if (existsSync(`${folder}/LICENSE`)) return readFileSync(`${folder}/LICENSE`, "utf8").trim();
  const { license } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  if (license !== "Apache-2.0") throw new Error(`${folder}: no text of the licence ${license}`);
  return readFileSync("LICENSE", "utf8").trim();
}

// The bundled libraries' licences ask that their text goes where their code goes.
function writeLicences() {
  const { dependencies } = JSON.parse(readFileSync("package.json", "utf8"));
  const texts = Object.keys(dependencies).map((name) => `${name}\n\n${licenceOf(`node_modules/${name}`)}\n`);
  mkdirSync(pages.outdir, { recursive: true });
  writeFileSync(`${pages.outdir}/licences.txt`, texts.join("\n\n"));
}

// MediaPipe's WebAssembly comes from our own addresses, like everything else.
function copyMediaPipe() {
  const from = "node_modules/@mediapipe/tasks-vision/wasm";
  const to = `${pages.outdir}/mediapipe`;
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) copyFileSync(`${from}/${name}`, `${to}/${name}`);
}

if (process.argv.includes("--tests")) {
  rmSync("var/frontend-tests", { recursive: true, force: true });
  await build({
    entryPoints: entries("frontend/tests", ".test.ts"),
    outdir: "var/frontend-tests",
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    logLevel: "warning",
  });
} else if (process.argv.includes("--watch")) {
  copyMediaPipe();
  const watcher = await context({ ...pages, minify: false, sourcemap: "inline", logLevel: "info" });
  await watcher.watch();
} else {
  writeLicences();
  copyMediaPipe();
  await build(pages);
}
