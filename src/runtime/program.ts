/** Words of a step in wasm memory: the operation and its operands. */
export const STEP_WORDS = 16;

/** The operations of assembly/kernels/program.ts, each with the number that stands for it. */
const OPERATIONS = {
  tileFromNatural: 0,
  naturalFromTile: 1,
  rfft: 2,
  irfft: 3,
  spreadOperands: 4,
  product16: 5,
  product8: 6,
  product4: 7,
  product1: 8,
  biasAndClip: 9,
  lookUp: 10,
  mask: 11,
  clear: 12,
  productRow: 13,
} as const;

/** One call of a kernel: its operands are addresses and numbers, in the order of the kernel's parameters. */
export interface Step {
  readonly operation: keyof typeof OPERATIONS;
  readonly operands: readonly number[];
}

/** Writes steps where the kernels' `run` reads them; `words` has STEP_WORDS for each. */
export function writeProgram(steps: readonly Step[], words: Int32Array): void {
  words.fill(0);
  steps.forEach(({ operation, operands }, i) => {
    words[i * STEP_WORDS] = OPERATIONS[operation];
    words.set(operands, i * STEP_WORDS + 1);
  });
}
