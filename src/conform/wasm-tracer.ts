import { blockGrid } from "../layers/dense.ts";
import type { Model } from "../model/model.ts";
import type { Session } from "../runtime/session.ts";
import { layerTensors, type TracedTensor } from "./trace.ts";
import type { Tracer } from "./verify.ts";

/** A runtime session, showing the tensors that its kernels make. */
export function sessionTracer(model: Model, session: Session): Tracer {
  return {
    name: session.backend,
    async trace(x) {
      const traces = session.trace({ input: x });
      return { tensors: traces.flatMap((trace, layer) => layerTensors(layer, model.layers[layer].k, trace)) };
    },
    async refine(x, layer, tensor) {
      const { k } = model.layers[layer];
      const traces = session.trace({ input: x });
      const { q } = blockGrid(model.layers[layer]);
      const inputs = new Int16Array(q * k);
      inputs.set(layer === 0 ? x : traces[layer - 1].outputs);
      const isForward = tensor === "spectra";
      const words = isForward ? inputs : traces[layer].products;
      const stages = Math.log2(k);
      const tensors: TracedTensor[] = Array.from({ length: stages }, (_, i) => {
        return { layer, tensor, stage: isForward ? i + 1 : stages - i, k, words: new Int16Array(words.length) };
      });
      for (let at = 0; at < words.length; at += k) {
        const block = words.slice(at, at + k);
        session.stages(layer, isForward ? "forward" : "inverse", block).forEach((result, i) => {
          tensors[i].words.set(result, at);
        });
      }
      return isForward ? tensors : tensors.slice(0, -1);
    },
    dispose: () => session.release(),
  };
}
