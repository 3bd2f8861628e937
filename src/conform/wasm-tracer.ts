import { blockGrid } from "../layers/dense.ts";
import { padRows } from "../layers/spectral.ts";
import type { Model } from "../model/model.ts";
import type { Session } from "../runtime/session.ts";
import { operationTensors, type TracedTensor } from "./trace.ts";
import type { Tracer } from "./verify.ts";

/** A runtime session, showing the tensors that its kernels make. */
export function sessionTracer({ operations }: Pick<Model, "operations">, session: Session): Tracer {
  return {
    name: session.backend,
    async trace(x) {
      const traces = session.trace({ input: x });
      return { tensors: traces.flatMap((trace, i) => operationTensors(i, operations[i], trace)) };
    },
    async refine(x, number, tensor) {
      const operation = operations[number];
      if (!("k" in operation)) return [];
      const { k } = operation;
      const traces = session.trace({ input: x });
      const isForward = tensor === "spectra";
      const [input] = operation.inputs;
      const read = input === 0 ? x : traces[input - 1].outputs;
      const words = isForward
        ? padRows(read, operation.in, blockGrid(operation).q * k)
        : (traces[number].products ?? new Int16Array(0));
      const stages = Math.log2(k);
      const tensors: TracedTensor[] = Array.from({ length: stages }, (_, i) => {
        return {
          operation: number,
          tensor,
          stage: isForward ? i + 1 : stages - i,
          k,
          words: new Int16Array(words.length),
        };
      });
      for (let at = 0; at < words.length; at += k) {
        const block = words.slice(at, at + k);
        session.stages(number, isForward ? "forward" : "inverse", block).forEach((result, i) => {
          tensors[i].words.set(result, at);
        });
      }
      return isForward ? tensors : tensors.slice(0, -1);
    },
    dispose: () => session.release(),
  };
}
