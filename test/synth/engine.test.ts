import { describe, expect, it } from "vitest";
import { smallestParameters } from "../../src/rtl/parameters.ts";
import { checkEngine, engineToSynthesise } from "../../src/synth/engine.ts";
import { FAMILIES, type FamilyName } from "../../src/synth/family.ts";
import { checkBlocks } from "../../src/synth/guards.ts";
import { type Synthesis, synthesise } from "../../src/synth/synthesise.ts";
import { CHOSEN_FAMILIES } from "./chosen.ts";
import { withFlippedTable } from "./fault.ts";
import { goldenProgram } from "./golden.ts";

const LARGEST_K = 2048;
const LANES = 2;
const HOUR = 3_600_000;

/** The netlist of an engine with the golden vectors in its memories, and what compares its words with theirs. */
async function goldenNetlist(family: FamilyName) {
  const { program, x, y } = goldenProgram(LARGEST_K);
  const parameters = smallestParameters(program, LANES);
  const synthesis = await synthesise(engineToSynthesise(program, parameters), FAMILIES[family]);
  checkBlocks(synthesis);
  const check = (netlist: Synthesis) => checkEngine(netlist, program, parameters, { inputs: [x], outputs: [y] });
  return { synthesis, check, words: y.length };
}

describe("the netlist of the engine", () => {
  it.skipIf(CHOSEN_FAMILIES.length > 0)(
    "is simulated for whole families if CIRCULANT_SYNTHESIS names them: xc7,ecp5,ice40",
    ({ skip }) => skip("CIRCULANT_SYNTHESIS names none"),
  );

  it.each(CHOSEN_FAMILIES)(
    `gives the words of all golden vectors of k up to ${LARGEST_K} for %s`,
    async (family) => {
      const { synthesis, check, words } = await goldenNetlist(family);
      expect(await check(synthesis)).toBe(words);
    },
    HOUR,
  );

  it.each(CHOSEN_FAMILIES)(
    "is found wrong by one bit of one look-up table for %s",
    async (family) => {
      const { synthesis, check } = await goldenNetlist(family);
      await expect(check(withFlippedTable(synthesis, "m_axis_tdata"))).rejects.toThrow(
        /expected -?\d+ from the netlist/,
      );
    },
    HOUR,
  );
});
