import { ShapeError } from "../errors.ts";
import { aligned, ownersOf } from "../model/memory.ts";
import type { Model } from "../model/model.ts";
import { compiledKernels } from "./capabilities.ts";
import { type Graph, graphOf } from "./graph.ts";
import { createWasmBackend } from "./wasm.ts";

/** A model in the SIMD kernels, of which every tensor can be read after a run and every word be replaced between runs. */
export interface Observer {
  /** The words of tensor 0, 1, ... in natural order; a run reads tensor 0 and writes the others. */
  readonly tensors: readonly Int16Array[];
  readonly run: () => void;
  /**
   * Takes the words of another model.
   *
   * @throws ShapeError if its operations are of other shapes
   */
  readonly reload: (model: Model) => void;
}

/**
 * Loads a model so that no tensor shares memory with another. Its words are those of a session.
 *
 * @throws RuntimeError if the engine cannot run the kernels
 */
export function observe(model: Model): Observer {
  const graph = spread(graphOf(model));
  const backend = createWasmBackend(compiledKernels(), graph);
  return {
    tensors: backend.tensors,
    run: backend.run,
    reload: ({ operations }) => {
      const got = operations.map(({ op }) => op).join();
      const expected = graph.operations.map(({ op }) => op).join();
      if (got !== expected) throw new ShapeError(`model: expected the operations ${expected}, got ${got}`);
      backend.reload({ ...graph, operations });
    },
  };
}

/**
 * The graph with a place of its own for every tensor but for what a flatten finds in place, and without proofs, for its
 * words may change.
 */
function spread(graph: Graph): Graph {
  const owners = ownersOf(graph.operations);
  const offsets: number[] = [];
  let end = 0;
  for (const [tensor, words] of graph.words.entries()) {
    const owned = owners[tensor] === tensor;
    offsets.push(owned ? end : offsets[owners[tensor]]);
    if (owned) end += aligned(words);
  }
  return { ...graph, holds: graph.holds.map(() => false), memory: { words: end, offsets }, whole: true };
}
