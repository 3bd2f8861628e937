import type { Operation, OperationTrace } from "../layers/operation.ts";
import type { Model } from "../model/model.ts";
import { openPipeline, type PipelineEngineOptions } from "../rtl/pipeline/engine.ts";
import { decodePipelineCycles, type RowSignal } from "../rtl/pipeline/trace.ts";
import { networkProgram } from "../rtl/program.ts";
import { highCycles } from "../rtl/simulate/high-cycles.ts";
import { cycleOf } from "./cycle-of.ts";
import { operationTensors, type TensorName } from "./trace.ts";
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
  const { simulator = "wasm" } = options;
  const tensorsOf = (traces: readonly OperationTrace[]) =>
    traces.flatMap((trace, number) => operationTensors(number, model.operations[number], trace));
  const locate: Tracer["locate"] = async (x, difference) => {
    const signal = rowSignal(model.operations[difference.operation], difference.tensor);
    const pieces: string[] = [];
    await engine.run(x, { waves: { scopes: [signal], write: (text) => pieces.push(text) }, ...stalls });
    const { low, high, bits } = decodePipelineCycles(engine.program, signal, highCycles(pieces.join("")), x);
    return cycleOf({ low: tensorsOf(low), high: tensorsOf(high), bits }, difference) || undefined;
  };
  return {
    name: `pipeline (${simulator})`,
    async trace(x) {
      const { trace = [], cycles } = await engine.run(x, { trace: true, ...stalls });
      return { tensors: tensorsOf(trace), cycles };
    },
    // The other simulators dump every signal of every cycle, which is too much for a whole run.
    ...(simulator === "wasm" ? { locate } : {}),
    async dump(x, waves) {
      await engine.run(x, { waves, ...stalls });
    },
    dispose: () => engine.dispose(),
  };
}

/** The signal that is high in the cycles in which the words of a tensor are made. */
function rowSignal(operation: Operation, tensor: TensorName): RowSignal {
  switch (tensor) {
    case "spectra":
      return "spectra_valid";
    case "accumulators":
      return "k" in operation ? "sums_valid" : "vector_valid";
    case "products":
      return "k" in operation ? "products_valid" : "vector_valid";
    case "transforms":
      return "transforms_valid";
    case "outputs":
      return "outputs_valid";
  }
}
