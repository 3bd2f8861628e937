import type { Model } from "../model/model.ts";
import { type EngineOptions, openEngine } from "../rtl/engine.ts";
import type { MemoryImage } from "../rtl/images.ts";
import { networkProgram } from "../rtl/program.ts";
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
  const engine = await openEngine(networkProgram(model), engineOptions, images);
  return {
    name: `rtl (${engine.simulator})`,
    async trace(x) {
      const { trace, cycles } = await engine.run(x, { trace: true, ...(stallSeed ? { stallSeed } : {}) });
      return { tensors: traceRtl(model.operations, trace ?? []), cycles };
    },
    dispose: () => engine.dispose(),
  };
}
