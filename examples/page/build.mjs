// Makes site/, a folder for any static host: node build.mjs [folder]
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const circulant = dirname(createRequire(import.meta.url).resolve("circulant/package.json"));
const site = process.argv[2] ?? join(here, "site");

/** Bytes before the first item of an IDX file of images, of labels. */
const IMAGE_HEADER = 16;
const LABEL_HEADER = 8;

rmSync(site, { recursive: true, force: true });
mkdirSync(site, { recursive: true });
await build({
  entryPoints: ["page.js", "rtl.js"].map((file) => join(here, "src", file)),
  outdir: site,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
});
for (const file of ["index.html", "style.css"]) copyFileSync(join(here, "src", file), join(site, file));
copyFileSync(join(circulant, "dist/simulations/engine.wasm"), join(site, "engine.wasm"));

const zoo = JSON.parse(readFileSync(join(circulant, "models/zoo.json"), "utf8"));
const models = zoo.filter(({ sample }) => sample?.folder === "examples/digits");
for (const { name } of models) {
  copyFileSync(join(circulant, `models/${name}.safetensors`), join(site, `${name}.safetensors`));
}
const listed = models.map(({ name, network, sample }) => ({ name, network, digest: sample.outputs }));
writeFileSync(join(site, "models.json"), JSON.stringify(listed));

for (const [what, header] of [
  ["images-idx3", IMAGE_HEADER],
  ["labels-idx1", LABEL_HEADER],
]) {
  const packed = readFileSync(join(circulant, `examples/digits/t10k-${what}-ubyte.gz`));
  writeFileSync(join(site, `${what.split("-")[0]}.bin`), gunzipSync(packed).subarray(header));
}
