import { describe, expect, it } from "vitest";
import type { PipelineParameters } from "../../src/rtl/pipeline/parameters.ts";
import { pipelineProgram } from "../../src/rtl/pipeline/program.ts";
import { moduleToSynthesise } from "../../src/synth/catalogue.ts";
import { checkPipeline, type NetworkCase } from "../../src/synth/check-pipeline.ts";
import { checkTransform } from "../../src/synth/check-transform.ts";
import { FAMILIES, type FamilyName } from "../../src/synth/family.ts";
import { checkBlocks } from "../../src/synth/guards.ts";
import { pipelineToSynthesise } from "../../src/synth/pipeline.ts";
import { synthesise } from "../../src/synth/synthesise.ts";
import { CHOSEN_FAMILIES } from "./chosen.ts";
import { withFlippedTable } from "./fault.ts";
import { goldenNetworks, goldenTransforms } from "./golden.ts";

const LARGEST_LAYER_K = 128;
const LARGEST_K = 2048;
const TRANSFORMS = [
  ["rfft", "forward_transform"],
  ["irfft", "inverse_transform"],
] as const;
/** What is simulated always. */
const SMALL_K = 16;
const SMALL_FAMILY = "ice40";
const HOUR = 3_600_000;
/** Time for seconds of work where the machine is busy. */
const BUSY = 600_000;
/** Two vectors are interleaved. */
const ROOM = { slots: 2, entries: 2 };

/** The least engine of two paths and two output blocks that holds each of the networks. */
function leastParameters(cases: readonly NetworkCase[], largestK: number): PipelineParameters {
  const shape = { LOG2_PATHS: 1, BLOCKS: 2, LOG2_STREAM: 2, LOG2_K_MAX: Math.log2(largestK), VECTOR: 0, TABLES: 1 };
  return cases.reduce<Partial<PipelineParameters>>(
    (floor, { program }) => pipelineProgram(program, { ...ROOM, shape, floor }).parameters,
    {},
  ) as PipelineParameters;
}

async function transformNetlist(module: string, largestK: number, family: FamilyName) {
  const design = moduleToSynthesise(module, { LOG2_PATHS: 1, LOG2_K_MAX: Math.log2(largestK) });
  const synthesis = await synthesise(design, FAMILIES[family]);
  checkBlocks(synthesis);
  return synthesis;
}

const wordsOf = (cases: readonly { readonly y: Int16Array }[]) => cases.reduce((sum, { y }) => sum + y.length, 0);

describe("the netlist of the streaming engine", () => {
  it.skipIf(CHOSEN_FAMILIES.length > 0)(
    "is simulated for whole families if CIRCULANT_SYNTHESIS names them: xc7,ecp5,ice40",
    ({ skip }) => skip("CIRCULANT_SYNTHESIS names none"),
  );

  it.each(CHOSEN_FAMILIES)(
    `gives the words of all golden layers, of k up to ${LARGEST_LAYER_K}, for %s`,
    async (family) => {
      const cases = goldenNetworks(LARGEST_LAYER_K);
      const parameters = leastParameters(cases, LARGEST_LAYER_K);
      const synthesis = await synthesise(pipelineToSynthesise(parameters), FAMILIES[family]);
      checkBlocks(synthesis);
      const words = cases.reduce((sum, { outputs }) => sum + outputs.length, 0);
      expect(await checkPipeline(synthesis, parameters, cases, ROOM)).toBe(words);
    },
    HOUR,
  );
});

describe("the netlists of the streaming transforms", () => {
  it(
    `give the words of the golden rfft of k up to ${SMALL_K} for ${SMALL_FAMILY}`,
    async () => {
      const cases = goldenTransforms("rfft", SMALL_K);
      const synthesis = await transformNetlist("forward_transform", SMALL_K, SMALL_FAMILY);
      expect(await checkTransform(synthesis, cases)).toBe(wordsOf(cases));
    },
    BUSY,
  );

  it(
    "are found wrong by one bit of one look-up table",
    async () => {
      const synthesis = await transformNetlist("forward_transform", SMALL_K, SMALL_FAMILY);
      const wrong = withFlippedTable(synthesis, "row_o");
      await expect(checkTransform(wrong, goldenTransforms("rfft", SMALL_K))).rejects.toThrow(
        /expected -?\d+ from the netlist/,
      );
    },
    BUSY,
  );

  describe.each(CHOSEN_FAMILIES)("for %s", (family) => {
    it.each(TRANSFORMS)(
      `give the words of all golden %s, of k up to ${LARGEST_K}`,
      async (op, module) => {
        const cases = goldenTransforms(op, LARGEST_K);
        const synthesis = await transformNetlist(module, LARGEST_K, family);
        expect(await checkTransform(synthesis, cases)).toBe(wordsOf(cases));
      },
      HOUR,
    );
  });
});
