// The kernels as modules that need no file: one for each way in which a runtime takes WebAssembly.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";

/** i16x8.q15mulr_sat_s and i16x8.relaxed_q15mulr_s after their prefix 0xfd. */
const EXACT = [0x82, 0x01];
const RELAXED = [0x91, 0x02];

/**
 * Places at which the relaxed binary has the relaxed product in place of the exact one.
 *
 * @throws Error if the binaries differ in anything else
 */
export function relaxedPlaces(plain, relaxed) {
  if (plain.length !== relaxed.length) {
    throw new Error(`kernels: expected binaries of one length, got ${plain.length} and ${relaxed.length} bytes`);
  }
  const places = [];
  for (let at = 0; at < plain.length; at++) {
    if (plain[at] === relaxed[at]) continue;
    const isProduct = [0, 1].every((i) => plain[at + i] === EXACT[i] && relaxed[at + i] === RELAXED[i]);
    if (!isProduct || plain[at - 1] !== 0xfd)
      throw new Error(`kernels: expected equal bytes but for products, at ${at}`);
    places.push(at++);
  }
  if (places.length === 0) throw new Error("kernels: expected relaxed products, got none");
  return places;
}

const PACKAGED_TYPES = `/** The kernels as the build for a runtime holds them. */
export declare const PACKAGED:
  /** The plain binary, and the distances between the places where the relaxed one has its own product. */
  | { readonly base64: string; readonly relaxed: readonly number[] }
  /** The plain binary, compiled by bundler or runtime. */
  | { readonly module: WebAssembly.Module };
`;

/** Writes dist/kernels. The relaxed binary is inlined as the places where it differs, so that it costs 300 bytes. */
export function writeKernelModules() {
  mkdirSync("dist/kernels", { recursive: true });
  for (const name of ["kernels", "kernels.relaxed", "train"]) {
    copyFileSync(`build/${name}.wasm`, `dist/kernels/${name}.wasm`);
  }
  const [plain, relaxed] = ["kernels", "kernels.relaxed"].map((name) => readFileSync(`build/${name}.wasm`));
  const places = relaxedPlaces(plain, relaxed);
  const steps = places.map((place, i) => place - (places[i - 1] ?? 0));
  const inlined = `{\n  base64: "${plain.toString("base64")}",\n  relaxed: [${steps}],\n}`;
  writeFileSync("dist/kernels/inline.js", `export const PACKAGED = ${inlined};\n`);
  for (const [file, specifier] of [
    ["workerd", "./kernels.wasm"],
    ["edge-light", "./kernels.wasm?module"],
  ]) {
    const text = `import module from "${specifier}";\nexport const PACKAGED = { module };\n`;
    writeFileSync(`dist/kernels/${file}.js`, text);
  }
  writeFileSync("dist/kernels/packaged.d.ts", PACKAGED_TYPES);
  const wasm = "declare const module: WebAssembly.Module;\nexport default module;\n";
  for (const name of ["kernels", "kernels.relaxed"]) writeFileSync(`dist/kernels/${name}.wasm.d.ts`, wasm);
}
