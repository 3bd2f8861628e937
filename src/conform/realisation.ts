import type { Schedule } from "../fft/schedule.ts";
import { irfft, rfft } from "../fft/transform.ts";
import { type Operation, perform } from "../layers/operation.ts";

/** Something that computes the operations of docs/arithmetic.md; all of them must give the same words. */
export interface Realisation {
  readonly name: string;
  rfft(x: Int16Array, schedule: Schedule): Int16Array | Promise<Int16Array>;
  irfft(spectrum: Int16Array, schedule: Schedule): Int16Array | Promise<Int16Array>;
  /** The words that an operation makes of a tensor for each of its operands. */
  perform(operation: Operation, inputs: readonly Int16Array[]): Int16Array | Promise<Int16Array>;
  dispose(): void;
}

/** The plain TypeScript that the other realisations are compared with. */
export const REFERENCE: Realisation = {
  name: "reference",
  rfft,
  irfft,
  perform: (operation, inputs) => perform(operation, inputs).outputs,
  dispose() {},
};
