import { type ExactOperation, runExactly } from "./exact.ts";
import { FRACTION_BITS_MAX, fittingBits, peakOf } from "./signal.ts";

/** Calibration inputs that limits are taken from. */
const INPUTS = 8;

/** Bits by which an operand of a sum may be finer than the other needs. */
const FINER = 8;

/**
 * Pass: the most fractional bits that each tensor is given. A sum brings both operands to one format, by no more than 15
 * bits, so that an operand much smaller than the other is given no bits that the sum drops; what leaves formats as they
 * are hands the limit back to what it reads.
 *
 * @returns a limit for tensor 0, 1, ...
 */
export function limitBits(sources: readonly ExactOperation[], inputs: readonly Float64Array[]): readonly number[] {
  const tensors = [inputs.slice(0, INPUTS)];
  for (const source of sources) {
    tensors.push(
      tensors[0].map((_, n) => {
        const operands = source.inputs.map((tensor) => tensors[tensor][n]);
        return runExactly(source, operands).outputs;
      }),
    );
  }
  const fitting = tensors.map((tensor) => Math.max(-FINER, fittingBits(peakOf(tensor))));
  const limits = fitting.map(() => FRACTION_BITS_MAX);
  for (const [i, { op, inputs: from }] of [...sources.entries()].reverse()) {
    const [a, b] = from;
    if (op === "add") {
      limits[a] = Math.min(limits[a], fitting[b] + FINER);
      limits[b] = Math.min(limits[b], fitting[a] + FINER);
    } else if (op === "maxpool" || op === "avgpool" || op === "flatten") {
      limits[a] = Math.min(limits[a], limits[i + 1]);
    }
  }
  return limits;
}
