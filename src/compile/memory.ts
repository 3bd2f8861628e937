import { type GraphNode, type MemoryPlan, ownersOf } from "../model/memory.ts";
import type { Shape } from "../model/model.ts";
import { volume } from "../model/shape.ts";

/** The memory of the tensors. */
export interface MemoryReport {
  /** Words and bytes of the arena. */
  readonly words: number;
  readonly bytes: number;
  /** The largest sum of tensors that are needed at once: no plan has fewer words. */
  readonly leastWords: number;
  /** What all tensors would take side by side. */
  readonly totalWords: number;
  readonly tensors: readonly { readonly shape: Shape; readonly words: number; readonly offset: number }[];
}

/** The memory plan and how good it is. */
export function reportMemory(nodes: readonly GraphNode[], shapes: readonly Shape[], plan: MemoryPlan): MemoryReport {
  const words = shapes.map(volume);
  const owners = ownersOf(nodes);
  const last = lastReaders(nodes);
  const owned = [...owners.keys()].filter((tensor) => owners[tensor] === tensor);
  const lastOf = owned.map((owner) => Math.max(...last.filter((_, tensor) => owners[tensor] === owner)));
  const liveAt = (time: number) =>
    owned.reduce((sum, tensor, n) => (tensor - 1 <= time && time <= lastOf[n] ? sum + words[tensor] : sum), 0);
  return {
    words: plan.words,
    bytes: 2 * plan.words,
    leastWords: Math.max(...nodes.map((_, time) => liveAt(time))),
    totalWords: owned.reduce((sum, tensor) => sum + words[tensor], 0),
    tensors: shapes.map((shape, tensor) => ({ shape, words: words[tensor], offset: plan.offsets[tensor] })),
  };
}

/** For each tensor the number of the last operation that reads it; of the output, one past the last. */
export function lastReaders(nodes: readonly GraphNode[]): readonly number[] {
  const last = Array.from({ length: nodes.length + 1 }, (_, tensor) => tensor - 1);
  for (const [i, { inputs }] of nodes.entries()) for (const tensor of inputs) last[tensor] = i;
  last[nodes.length] = nodes.length;
  return last;
}
