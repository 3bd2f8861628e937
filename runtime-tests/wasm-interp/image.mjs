import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** Addresses of env.ts. */
const NUMBERS = 4 << 20;
const CONSTANTS = NUMBERS + 64;
const STATE = CONSTANTS + 512;
const PIXELS = STATE + 32;

/**
 * The memory of a session that has not run yet, with its program, then what env.ts reads: its numbers, the constants
 * of SHA-256 and the pixels.
 *
 * @param installed the folder of the package
 * @param bytes     a model file
 * @param pixels    of `items` images
 * @returns where each piece stands, and bytes of memory in all
 */
export async function memoryImage(installed, bytes, pixels, items) {
  const load = (path) => import(pathToFileURL(join(installed, "dist", path)).href);
  const { readModel } = await load("model/read.js");
  const { pixelWords } = await load("model/input.js");
  const { graphOf } = await load("runtime/graph.js");
  const { createWasmBackend } = await load("runtime/wasm.js");
  const model = readModel(bytes);
  const kernels = new WebAssembly.Module(readFileSync(join(installed, "dist/kernels/kernels.wasm")));
  const {
    plan,
    input,
    output,
    kernels: instance,
  } = createWasmBackend(kernels, graphOf(model), pixelWords(model.input));
  const memory = new Uint8Array(instance.memory.buffer.slice(0));
  if (memory.length > NUMBERS) throw new Error(`memory: expected at most ${NUMBERS} bytes, got ${memory.length}`);
  const words = (PIXELS + pixels.length + 63) & -64;
  const numbers = [plan.program.offset, plan.steps.length, plan.raw.offset, plan.pixelTable.offset];
  numbers.push(input.byteOffset, output.byteOffset, items, pixels.length / items, output.byteLength, PIXELS, words);
  const pieces = [
    { at: 0, bytes: memory },
    { at: NUMBERS, bytes: littleEndian(numbers) },
    { at: CONSTANTS, bytes: littleEndian(rootsOfPrimes(64, 3n)) },
    { at: STATE, bytes: littleEndian(rootsOfPrimes(8, 2n)) },
    { at: PIXELS, bytes: pixels },
  ];
  return { pieces, bytes: words + items * output.byteLength + 128 };
}

function littleEndian(numbers) {
  const view = new DataView(new ArrayBuffer(4 * numbers.length));
  numbers.forEach((number, i) => {
    view.setUint32(4 * i, number, true);
  });
  return new Uint8Array(view.buffer);
}

/** The first 32 bits of the fractions of the n-th roots of the first primes: the constants of SHA-256. */
function rootsOfPrimes(count, n) {
  const primes = [];
  for (let p = 2; primes.length < count; p++) if (primes.every((prime) => p % prime)) primes.push(p);
  return primes.map((prime) => Number(BigInt.asUintN(32, integerRoot(BigInt(prime) << (32n * n), n))));
}

/** The greatest integer whose n-th power is at most x, of at most 40 bits. */
function integerRoot(x, n) {
  let root = 0n;
  for (let bit = 39n; bit >= 0n; bit--) if ((root | (1n << bit)) ** n <= x) root |= 1n << bit;
  return root;
}
