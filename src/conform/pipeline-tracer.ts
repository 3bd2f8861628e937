import type { Model } from "../model/model.ts";
import { openPipeline, type PipelineEngineOptions } from "../rtl/pipeline/engine.ts";
import { networkProgram } from "../rtl/program.ts";
import { operationTensors } from "./trace.ts";
import type { Tracer } from "./verify.ts";

export interface PipelineTracerOptions extends PipelineEngineOptions {
  /** Not 0: both streams pause at random. */
  readonly stallSeed?: number;
}

/** The streaming engine in simulation, showing every row that its units make. */
export async function pipelineTracer(
  model: Pick<Model, "operations" | "memory">,
  options: PipelineTracerOptions = {},
): Promise<Tracer> {
  const { stallSeed, ...engineOptions } = options;
  const engine = await openPipeline(networkProgram(model), { ...engineOptions, trace: true });
  const stalls = stallSeed ? { stallSeed } : {};
  return {
    name: `pipeline (${options.simulator ?? "wasm"})`,
    async trace(x) {
      const { trace = [], cycles } = await engine.run(x, { trace: true, ...stalls });
      const tensors = trace.flatMap((tensor, number) => operationTensors(number, model.operations[number], tensor));
      return { tensors, cycles };
    },
    async dump(x, waves) {
      await engine.run(x, { waves, ...stalls });
    },
    dispose: () => engine.dispose(),
  };
}
