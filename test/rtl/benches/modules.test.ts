import { describe, expect, it } from "vitest";
import type { SimulatorName } from "../../../src/rtl/simulate/design.ts";
import { openSimulation } from "../../../src/rtl/simulate/open.ts";
import { engineSources } from "../../../src/rtl/sources.ts";
import { missingSimulator } from "../tools.ts";
import { benchDesign, firstWrong } from "./bench.ts";
import { BENCHES } from "./modules.ts";

const sources = engineSources();

describe.each<SimulatorName>(["wasm", "icarus", "verilator"])("on %s", (simulator) => {
  const missing = simulator === "wasm" ? undefined : missingSimulator(simulator);
  it.skipIf(missing).each(Object.keys(BENCHES))(
    `the modules of the group %s answer as their models say ${missing ?? ""}`,
    async (group) => {
      const benches = BENCHES[group];
      const simulation = await openSimulation(simulator, benchDesign(benches, sources));
      const wrong = await firstWrong(simulation, benches, sources);
      simulation.dispose();
      expect(wrong.filter((it) => it !== undefined)).toEqual([]);
    },
  );
});

it("every module of the engine has a bench", () => {
  const modules = sources.map(({ name }) => name.replace(".v", "")).filter((name) => !name.includes("bench"));
  const benched = new Set(
    Object.values(BENCHES)
      .flat()
      .map(({ module }) => module),
  );
  expect(modules.filter((module) => !benched.has(module))).toEqual(["circulant_engine"]);
});
