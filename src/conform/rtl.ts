import { type Engine, type EngineOptions, openEngine } from "../rtl/engine.ts";
import { parametersFor } from "../rtl/parameters.ts";
import { type EngineOperation, singleProgram } from "../rtl/program.ts";
import type { Realisation } from "./realisation.ts";

/** The Verilog datapath in simulation; it is rebuilt only for an operation that is larger than those before. */
export function rtlRealisation(options: EngineOptions = {}): Realisation {
  let engine: Engine | undefined;

  async function run(operation: EngineOperation, x: Int16Array): Promise<Int16Array> {
    const program = singleProgram(operation);
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
    rfft: (x, schedule) => run({ op: "rfft", k: x.length, blocks: 1, schedule }, x),
    irfft: (spectrum, schedule) => run({ op: "irfft", k: spectrum.length, blocks: 1, schedule }, spectrum),
    perform: (operation, inputs) => run(operation, Int16Array.from(inputs.flatMap((x) => [...x]))),
    dispose: () => engine?.dispose(),
  };
}
