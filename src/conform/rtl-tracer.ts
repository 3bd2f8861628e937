import type { Model } from "../model/model.ts";
import { type EngineOptions, openEngine } from "../rtl/engine.ts";
import type { MemoryImage } from "../rtl/images.ts";
import { networkProgram } from "../rtl/program.ts";
import { decodeCycles } from "../rtl/trace.ts";
import { cycleOf } from "./cycle-of.ts";
import { traceRtl } from "./trace.ts";
import type { Tracer } from "./verify.ts";

export interface RtlTracerOptions extends EngineOptions {
  /** What the engine's memories hold, if not what the model says. */
  readonly images?: readonly MemoryImage[];
  /** Not 0: both streams pause at random. */
  readonly stallSeed?: number;
}

/** The Verilog datapath in simulation, showing every word that its units write. */
export async function rtlTracer(
  model: Pick<Model, "operations" | "memory">,
  options: RtlTracerOptions = {},
): Promise<Tracer> {
  const { images, stallSeed, ...engineOptions } = options;
  const program = networkProgram(model);
  const engine = await openEngine(program, engineOptions, images);
  const stalls = stallSeed ? { stallSeed } : {};
  return {
    name: `rtl (${engine.simulator})`,
    async trace(x) {
      const { trace, cycles } = await engine.run(x, { trace: true, ...stalls });
      return { tensors: traceRtl(model.operations, trace ?? []), cycles };
    },
    async locate(x, difference) {
      const { rows = {} } = await engine.run(x, { trace: true, ...stalls });
      const { low, high, bits } = decodeCycles(program, rows, x);
      const [lowTensors, highTensors] = [low, high].map((traces) => traceRtl(model.operations, traces));
      return cycleOf({ low: lowTensors, high: highTensors, bits }, difference);
    },
    async dump(x, waves) {
      await engine.run(x, { waves, ...stalls });
    },
    dispose: () => engine.dispose(),
  };
}
