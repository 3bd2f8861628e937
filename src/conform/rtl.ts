import { SimulationError } from "../errors.ts";
import { type Engine, type EngineOptions, openEngine } from "../rtl/engine.ts";
import { parametersFor } from "../rtl/parameters.ts";
import type { EngineProgram } from "../rtl/program.ts";
import type { Realisation } from "./realisation.ts";

/** The Verilog datapath in simulation; it is rebuilt only for a program that is larger than those before. */
export function rtlRealisation(options: EngineOptions = {}): Realisation {
  let engine: Engine | undefined;

  async function run(program: EngineProgram, x: Int16Array): Promise<Int16Array> {
    const needed = parametersFor(program, engine?.parameters ?? options.parameters);
    if (engine && JSON.stringify(needed) === JSON.stringify(engine.parameters)) engine.load(program);
    else {
      engine?.dispose();
      engine = await openEngine(program, { ...options, parameters: needed });
    }
    return (await engine.run(x)).outputs;
  }

  return {
    name: `rtl (${options.simulator ?? "wasm"})`,
    rfft: (x, schedule) => run([{ op: "rfft", k: x.length, blocks: 1, schedule }], x),
    irfft: (spectrum, schedule) => run([{ op: "irfft", k: spectrum.length, blocks: 1, schedule }], spectrum),
    async perform(operation, [x]) {
      if (operation.op !== "dense") throw new SimulationError(`datapath: expected a dense layer, got ${operation.op}`);
      return run([operation], x);
    },
    dispose: () => engine?.dispose(),
  };
}
