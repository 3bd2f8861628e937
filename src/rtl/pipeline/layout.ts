import type { Operation } from "../../layers/operation.ts";
import { planMemory } from "../../model/memory.ts";
import { madeBy, type PipelineNetwork, type PipelineNode, type View } from "./tensors.ts";

/** Where a tensor lies: rows of `channels` words, `stride` apart, from `base` on. */
export interface Placed {
  readonly pixels: number;
  readonly channels: number;
  readonly stride: number;
  /** In the arena of a vector, or in an entry of a ring. */
  readonly base: number;
  readonly memory: "input" | "arena" | "output";
}

/** A network whose tensors have places. */
export interface Layout {
  readonly nodes: readonly PipelineNode[];
  /** Tensor 0 is the input, n + 1 the result of node n. */
  readonly tensors: readonly Placed[];
  readonly output: Placed;
  /** Words of the arena of one vector. */
  readonly arena: number;
  /** Words from one entry of a ring to the next. */
  readonly inputStride: number;
  readonly outputStride: number;
}

interface Tensor {
  readonly pixels: number;
  readonly channels: number;
  /** Blocks of this size begin at the pixels. */
  k: number;
}

/**
 * Gives every tensor a place that suits the units that write and read it: where blocks of k words begin at every pixel,
 * pixels are a multiple of k apart. Who needs the words side by side where they are not, or both operands of a sum in one
 * memory where they are not, gets a copy.
 *
 * @param rowWords words of a row of the banked memories
 */
export function layOut(network: PipelineNetwork, rowWords: number): Layout {
  let nodes = [...network.nodes];
  let output = network.output;
  for (;;) {
    const tensors = naturalTensors(nodes, network.inputWords);
    spreadBlocks(nodes, tensors);
    const copied = firstCopy(nodes, tensors, output);
    if (copied === undefined) return place(nodes, tensors, output, rowWords);
    ({ nodes, output } = copied);
  }
}

function naturalTensors(nodes: readonly PipelineNode[], inputWords: number): Tensor[] {
  const input = nodes
    .flatMap(({ inputs }) => inputs)
    .filter(({ tensor, offset, pixels, channels }) => tensor === 0 && offset === 0 && pixels * channels === inputWords)
    .reduce((most, view) => (view.pixels > most.pixels ? view : most), { pixels: 1, channels: inputWords });
  const tensors: Tensor[] = [{ pixels: input.pixels, channels: input.channels, k: 1 }];
  for (const { operation, inputs } of nodes) {
    const [pixels, channels] = madeBy(operation, inputs[0]);
    tensors.push({ pixels, channels, k: "k" in operation ? operation.k : 1 });
  }
  return tensors;
}

function isNatural(view: View, tensor: Tensor): boolean {
  return view.offset === 0 && view.channels === tensor.channels && view.pixels === tensor.pixels;
}

/** Block sizes of the readers, and one for all that a sum joins. */
function spreadBlocks(nodes: readonly PipelineNode[], tensors: Tensor[]): void {
  for (const { operation, inputs } of nodes) {
    if (!("k" in operation)) continue;
    const tensor = tensors[inputs[0].tensor];
    if (isNatural(inputs[0], tensor)) tensor.k = Math.max(tensor.k, operation.k);
  }
  for (let changed = true; changed; ) {
    changed = false;
    for (const [i, { operation, inputs }] of nodes.entries()) {
      if (operation.op !== "add") continue;
      const joined = [
        ...inputs.filter((view) => isNatural(view, tensors[view.tensor])).map(({ tensor }) => tensor),
        i + 1,
      ];
      const k = Math.max(...joined.map((tensor) => tensors[tensor].k));
      for (const tensor of joined) {
        if (tensors[tensor].k === k) continue;
        tensors[tensor].k = k;
        changed = true;
      }
    }
  }
}

function strideOf({ pixels, channels, k }: Tensor): number {
  return pixels === 1 ? channels : Math.ceil(channels / k) * k;
}

/** The network with one copy more, or undefined if it needs none. */
function firstCopy(
  nodes: readonly PipelineNode[],
  tensors: readonly Tensor[],
  output: View,
): { nodes: PipelineNode[]; output: View } | undefined {
  for (const [i, { operation, inputs }] of nodes.entries()) {
    for (const [operand, view] of inputs.entries()) {
      const tensor = tensors[view.tensor];
      const spread = strideOf(tensor) !== tensor.channels;
      const needsPacked = operation.op === "add" ? spread && joinsOthers(nodes[i], i, tensors) : spread;
      const apart = needsPacked && (!isNatural(view, tensor) || operation.op === "add");
      const mixed = operation.op === "add" && view.tensor === 0 && inputs.some((other) => other.tensor !== 0);
      if (apart || mixed) return withCopy(nodes, output, i, operand, tensor);
      // Another shape of the same words, whose pixels blocks would not fit.
      const misfits =
        "k" in operation && view.pixels > 1 && !isNatural(view, tensor) && view.channels % operation.k !== 0;
      if (misfits) return withCopy(nodes, output, i, operand, view);
    }
  }
  const read = nodes.some(({ inputs }) => inputs.some(({ tensor }) => tensor === output.tensor));
  if (output.tensor === 0 || read) return withCopy(nodes, output, nodes.length, 0, tensors[output.tensor]);
  return undefined;
}

/** Whether the tensors of a sum do not lie alike. */
function joinsOthers({ inputs }: PipelineNode, number: number, tensors: readonly Tensor[]): boolean {
  const strides = [...inputs.map(({ tensor }) => strideOf(tensors[tensor])), strideOf(tensors[number + 1])];
  return (
    inputs.some((view) => !isNatural(view, tensors[view.tensor])) || strides.some((stride) => stride !== strides[0])
  );
}

/** Puts a copy before node `before`, for its operand or, behind the last node, for the output. */
function withCopy(
  nodes: readonly PipelineNode[],
  output: View,
  before: number,
  operand: number,
  { pixels, channels }: Pick<Tensor, "pixels" | "channels">,
): { nodes: PipelineNode[]; output: View } {
  const source = before < nodes.length ? nodes[before].inputs[operand] : output;
  const operation: Operation = {
    op: "maxpool",
    channels,
    height: 1,
    width: pixels,
    kernel: [1, 1],
    stride: 1,
    pad: 0,
  };
  const copy: PipelineNode = {
    operation,
    number: undefined,
    inputs: [{ tensor: source.tensor, offset: 0, pixels, channels }],
  };
  const later = (view: View): View => (view.tensor > before ? { ...view, tensor: view.tensor + 1 } : view);
  const rest = nodes.slice(before).map((node, i) => ({
    ...node,
    inputs: node.inputs.map((view, at) => (i === 0 && at === operand ? { ...view, tensor: before + 1 } : later(view))),
  }));
  return {
    nodes: [...nodes.slice(0, before), copy, ...rest],
    output: before < nodes.length ? later(output) : { ...output, tensor: before + 1 },
  };
}

function place(nodes: readonly PipelineNode[], tensors: readonly Tensor[], output: View, rowWords: number): Layout {
  const alignment = Math.max(rowWords, ...nodes.map(({ operation }) => ("k" in operation ? operation.k : 1)));
  const aligned = (words: number) => Math.ceil(words / alignment) * alignment;
  const sizes = tensors.map((tensor) => aligned(tensor.pixels * strideOf(tensor)));
  const memoryOf = (tensor: number) => (tensor === 0 ? "input" : tensor === output.tensor ? "output" : "arena");
  // planMemory keeps tensors 8 words apart: it plans in eighths of the alignment.
  const words = sizes.map((size, tensor) => (memoryOf(tensor) === "arena" ? (8 * size) / alignment : 0));
  const plan = planMemory(
    nodes.map(({ operation, inputs }) => ({ op: operation.op, inputs: inputs.map(({ tensor }) => tensor) })),
    words,
  );
  const placed = tensors.map((tensor, i): Placed => {
    const memory = memoryOf(i);
    const base = memory === "arena" ? (plan.offsets[i] * alignment) / 8 : 0;
    return { pixels: tensor.pixels, channels: tensor.channels, stride: strideOf(tensor), base, memory };
  });
  return {
    nodes,
    tensors: placed,
    output: placed[output.tensor],
    arena: Math.max(0, ...placed.map(({ memory, base }, i) => (memory === "arena" ? base + sizes[i] : 0))),
    inputStride: sizes[0],
    outputStride: sizes[output.tensor],
  };
}
