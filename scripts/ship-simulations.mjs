// The simulations that the package carries, compiled to WebAssembly: the built package needs no Yosys for them.
import { mkdirSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

/** Compiles the designs of src/rtl/shipped.ts into dist/simulations; one that is in the user's cache is taken from it. */
export async function shipSimulations() {
  const { shippedDesigns } = await import("../dist/rtl/shipped.js");
  const { cachedSimulation, simulationDigest } = await import("../dist/rtl/simulate/build.js");
  const { LIST } = await import("../dist/rtl/simulate/shipped.js");
  const folder = "dist/simulations";
  mkdirSync(folder, { recursive: true });
  const list = [];
  for (const { name, design } of shippedDesigns()) {
    const started = Date.now();
    const wasm = await cachedSimulation(design);
    const file = `${name}.wasm`;
    writeFileSync(`${folder}/${file}`, wasm);
    list.push({ name, file, digest: simulationDigest(design), bytes: wasm.length });
    const gzip = gzipSync(wasm, { level: 9 }).length;
    console.log(`${folder}/${file}: ${wasm.length} bytes (${gzip} gzip), ${Date.now() - started} ms`);
  }
  writeFileSync(`${folder}/${LIST}`, `${JSON.stringify(list)}\n`);
}
