/** The place of every tensor of a network in one arena, natural order; tensors that are not needed at once share words. */
export interface MemoryPlan {
  /** int16 words of the arena: the peak. */
  readonly words: number;
  /** First word of tensor 0, 1, ...; a multiple of `ALIGNMENT_WORDS`. */
  readonly offsets: readonly number[];
}

/** What the plan follows from. */
export interface GraphNode {
  readonly op: string;
  readonly inputs: readonly number[];
}

/** Tensors start at whole vectors. */
export const ALIGNMENT_WORDS = 8;

/** From the operation that writes a tensor to the last that reads it. */
interface Lifetime {
  readonly first: number;
  readonly last: number;
}

/**
 * Lays the tensors out: the largest first, each at the lowest place that no tensor of its time takes.
 *
 * @param words words of tensor 0, 1, ...
 * @see Pisarchyk and Lee, Efficient memory management for deep neural net inference, 2020 (greedy by size)
 */
export function planMemory(nodes: readonly GraphNode[], words: readonly number[]): MemoryPlan {
  const owners = ownersOf(nodes);
  const lifetimes = lifetimesOf(nodes, owners);
  const offsets = new Array<number>(words.length).fill(0);
  const placed: number[] = [];
  const bySize = [...words.keys()].filter((t) => owners[t] === t).sort((a, b) => words[b] - words[a] || a - b);
  for (const tensor of bySize) {
    const rivals = placed
      .filter((other) => overlap(lifetimes[tensor], lifetimes[other]))
      .sort((a, b) => offsets[a] - offsets[b]);
    let offset = 0;
    for (const rival of rivals) {
      if (offset + words[tensor] <= offsets[rival]) break;
      offset = Math.max(offset, aligned(offsets[rival] + words[rival]));
    }
    offsets[tensor] = offset;
    placed.push(tensor);
  }
  for (const [tensor, owner] of owners.entries()) offsets[tensor] = offsets[owner];
  return { words: Math.max(...offsets.map((offset, t) => aligned(offset + words[t]))), offsets };
}

/** The first two tensors of one time that share words, or undefined. */
export function findOverlap(
  nodes: readonly GraphNode[],
  words: readonly number[],
  { offsets }: MemoryPlan,
): readonly [number, number] | undefined {
  const owners = ownersOf(nodes);
  const lifetimes = lifetimesOf(nodes, owners);
  for (let a = 0; a < words.length; a++) {
    for (let b = 0; b < a; b++) {
      if (owners[a] === owners[b] || !overlap(lifetimes[owners[a]], lifetimes[owners[b]])) continue;
      if (offsets[a] < offsets[b] + words[b] && offsets[b] < offsets[a] + words[a]) return [b, a];
    }
  }
  return undefined;
}

/** For each tensor the one whose words it is: `flatten` writes nothing. */
export function ownersOf(nodes: readonly GraphNode[]): readonly number[] {
  const owners = [0];
  for (const [i, { op, inputs }] of nodes.entries()) owners.push(op === "flatten" ? owners[inputs[0]] : i + 1);
  return owners;
}

/** By owner: time n is that of operation n. The last operation writes or flattens the output, and nothing comes after. */
function lifetimesOf(nodes: readonly GraphNode[], owners: readonly number[]): readonly Lifetime[] {
  const lifetimes = owners.map((_, tensor) => ({ first: tensor - 1, last: tensor - 1 }));
  for (const [i, { inputs }] of nodes.entries()) for (const input of inputs) lifetimes[owners[input]].last = i;
  return lifetimes;
}

function overlap(a: Lifetime, b: Lifetime): boolean {
  return a.first <= b.last && b.first <= a.last;
}

/** The first word from here on at which a tensor may start. */
export function aligned(word: number): number {
  return Math.ceil(word / ALIGNMENT_WORDS) * ALIGNMENT_WORDS;
}
