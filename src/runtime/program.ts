/** Words of a step in wasm memory: the operation and its operands. */
export const STEP_WORDS = 32;

const WINDOWS = ["picture", "rows", "rowBytes", "columns", "columnBytes"] as const;
const OPERANDS = ["operands", "row", "inputs", "weights", "starts"] as const;
const PRODUCTS = ["products", "stages", "shift", "accumulators"] as const;
const PRODUCT = [...OPERANDS, "half", ...PRODUCTS] as const;

/** The operations of assembly/kernels/program.ts in the order of their numbers, each with its operands in order. */
const OPERATIONS = {
  tileFromNatural: ["natural", "tile", "tiles", "stages"],
  naturalFromTile: ["tile", "natural", "tiles", "stages"],
  rfft: ["tile", "tiles", "stages", "schedule"],
  irfft: ["tile", "tiles", "stages", "schedule", "bias", "lo", "hi"],
  spreadOperands: ["spectra", "tiles", "stages", "operands"],
  product16: PRODUCT,
  product8: PRODUCT,
  product4: PRODUCT,
  product1: ["x", "pairs", "weights", "products", "outputs", "half", "shift", "accumulators"],
  biasAndClip: ["tile", "bias", "count", "lo", "hi"],
  lookUp: ["words", "table", "count"],
  mask: ["tile", "masks", "count"],
  clear: ["to", "bytes"],
  productRow: [...OPERANDS, ...PRODUCTS],
  copy: ["to", "words", "bytes"],
  padPicture: ["picture", "to", "bytes", "word", "rows", "rowBytes", "lead", "pitch"],
  transformPixels: ["places", "tiles", "q", "stages", "schedule", "tile", "operands", "row", "pitch"],
  convolve: [
    ...[
      "operands",
      "row",
      "taps",
      "pairs",
      "count",
      "groups",
      "first",
      "end",
      "weights",
      "starts",
      "half",
      "p",
      "stages",
    ],
    ...["shift", "schedule", "tiles", "bias", "lo", "hi", "places", "out", "accumulators", "parts"],
  ],
  convolvePlain: [
    ...WINDOWS,
    ...["kernelRows", "kernelBytes", "pairs", "weights", "half", "shift", "bias", "lo", "hi", "to", "out"],
    "accumulators",
  ],
  sumTaps: [
    ...WINDOWS,
    ...["channels", "taps", "pairs", "weights", "weightBytes", "scale", "shift", "bias", "biasBytes", "lo", "hi", "to"],
    "accumulators",
  ],
  maxTaps: [...WINDOWS, "channels", "taps", "count", "to"],
  sum: ["a", "b", "to", "count", "shiftA", "shiftB", "lo", "hi"],
  halveBlocks: ["from", "to", "tiles", "stages"],
  quarterBlocks: ["from", "to", "tiles", "stages"],
} as const satisfies Record<string, readonly string[]>;

type Operations = typeof OPERATIONS;
const NUMBERS = Object.fromEntries(Object.keys(OPERATIONS).map((name, number) => [name, number]));

/** One call of a kernel. Operands are addresses and numbers, with the names of the kernel's parameters. */
export type Step<Name extends keyof Operations = keyof Operations> = Name extends keyof Operations
  ? { readonly operation: Name; readonly operands: Readonly<Record<Operations[Name][number], number>> }
  : never;

/** A step with other numbers in some of its operands. */
export function withOperands<S extends Step>(step: S, operands: Partial<S["operands"]>): S {
  return { ...step, operands: { ...step.operands, ...operands } };
}

/** Writes steps where the kernels' `run` reads them; `words` has STEP_WORDS for each. */
export function writeProgram(steps: readonly Step[], words: Int32Array): void {
  words.fill(0);
  for (const [i, { operation, operands }] of steps.entries()) {
    const values: Readonly<Record<string, number>> = operands;
    words[i * STEP_WORDS] = NUMBERS[operation];
    OPERATIONS[operation].forEach((name, place) => {
      words[i * STEP_WORDS + 1 + place] = values[name];
    });
  }
}
