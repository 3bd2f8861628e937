import { SynthesisError } from "../errors.ts";
import { log2BlockSize } from "../fft/order.ts";
import type { Schedule } from "../fft/schedule.ts";
import { openTransforms, transformDesign, transformInstance } from "../rtl/pipeline/transforms.ts";
import type { SimulatorName } from "../rtl/simulate/design.ts";
import { netlistDesign } from "./resimulate.ts";
import type { Synthesis } from "./synthesise.ts";

/** A block of k words and its transform, k words. */
export interface TransformCase {
  readonly schedule: Schedule;
  readonly x: Int16Array;
  readonly y: Int16Array;
}

/**
 * Simulates the netlist of forward_transform or inverse_transform on whole blocks and compares every word.
 *
 * @returns words compared
 * @throws SynthesisError naming the first word that differs
 */
export async function checkTransform(
  synthesis: Synthesis,
  cases: readonly TransformCase[],
  simulator: SimulatorName = "wasm",
): Promise<number> {
  const { top, parameters } = synthesis.design;
  const inverse = top === "inverse_transform";
  const shape = { log2Paths: Number(parameters.LOG2_PATHS), log2KMax: Number(parameters.LOG2_K_MAX) };
  const design = await netlistDesign(synthesis, transformDesign(inverse, shape), transformInstance(inverse));
  const { run, dispose } = await openTransforms(inverse, { ...shape, simulator, design });
  try {
    let words = 0;
    for (const [block, { schedule, x, y }] of cases.entries()) {
      const { words: actual } = await run(x, log2BlockSize(x.length), [schedule, schedule]);
      const at = y.findIndex((word, index) => word !== actual[index]);
      if (at >= 0) {
        throw new SynthesisError(
          `${top} (${synthesis.family.name}): expected ${y[at]} from the netlist, got ${actual[at]}, word ${at} of block ${block}`,
          { family: synthesis.family.name, top, block, index: at },
        );
      }
      words += y.length;
    }
    return words;
  } finally {
    dispose();
  }
}
