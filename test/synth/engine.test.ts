import { describe, expect, it } from "vitest";
import { smallestParameters } from "../../src/rtl/parameters.ts";
import { checkEngine, engineToSynthesise } from "../../src/synth/engine.ts";
import { FAMILIES, type FamilyName } from "../../src/synth/family.ts";
import { checkMultipliers } from "../../src/synth/guards.ts";
import { synthesise } from "../../src/synth/synthesise.ts";
import { goldenProgram } from "./golden.ts";

/** Families to synthesise the whole engine for, separated by commas: minutes each. */
const CHOSEN = (process.env.CIRCULANT_SYNTHESIS ?? "").split(",").filter((name) => name !== "") as FamilyName[];

describe("the netlist of the engine", () => {
  it.skipIf(CHOSEN.length > 0)("is simulated if CIRCULANT_SYNTHESIS names families: ecp5,xc7,ice40", ({ skip }) =>
    skip("CIRCULANT_SYNTHESIS names none"),
  );

  it.each(CHOSEN)(
    "gives the words of all golden vectors of k up to 16 for %s",
    async (family) => {
      const { program, x, y } = goldenProgram(16);
      const parameters = smallestParameters(program, 2);
      const synthesis = await synthesise(engineToSynthesise(program, parameters), FAMILIES[family]);
      checkMultipliers(synthesis);
      expect(await checkEngine(synthesis, program, parameters, { inputs: [x], outputs: [y] })).toBe(y.length);
    },
    3_600_000,
  );
});
