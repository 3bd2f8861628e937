import type { Extent, LayerConfig } from "./layers.ts";
import type { Activation, Shape } from "./network.ts";
import { shapeAfter } from "./shape.ts";

interface Base {
  readonly name: string;
  /** Numbers of the tensors that it reads; operation i writes tensor i + 1, tensor 0 is the input. */
  readonly inputs: readonly number[];
  /** Shape of the first tensor that it reads. */
  readonly from: Shape;
  readonly output: Shape;
}

interface Weighted extends Base {
  readonly kernel: Extent;
  readonly stride: number;
  readonly pad: number;
  readonly norm: boolean;
  readonly activation: Activation;
  /** Whether a residual adds it to something: its norm then starts at 0, so that the block begins as its shortcut. */
  readonly branchEnd: boolean;
}

/** A dense layer is the convolution of a picture of one pixel. */
export interface ProductNode extends Weighted {
  readonly op: "dense" | "conv2d";
  readonly in: number;
  readonly out: number;
  readonly k: number;
  /** Block rows and columns, ceil(out / k) and ceil(in / k). */
  readonly p: number;
  readonly q: number;
}

export interface DepthwiseNode extends Weighted {
  readonly op: "depthwise";
  readonly channels: number;
}

export interface PoolNode extends Base {
  readonly op: "maxpool" | "avgpool";
  readonly window: Extent;
  readonly stride: number;
  readonly pad: number;
}

export interface AddNode extends Base {
  readonly op: "add";
  readonly activation: Activation;
}

export interface FlattenNode extends Base {
  readonly op: "flatten";
}

/** An operation of the flat list that the nested layers of a recipe come to. */
export type GraphNode = ProductNode | DepthwiseNode | PoolNode | AddNode | FlattenNode;

type Fresh<N> = N extends GraphNode ? Omit<N, "name" | "inputs" | "from" | "output"> : never;

/**
 * Writes the layers of a recipe as one list of operations on numbered tensors, each after those that it reads.
 *
 * @throws OptionError naming the layer whose shapes do not fit
 */
export function lower(layers: readonly LayerConfig[], input: Shape): readonly GraphNode[] {
  const nodes: GraphNode[] = [];
  const shapes: Shape[] = [input];
  const counts = new Map<string, number>();

  const append = (node: Fresh<GraphNode>, inputs: readonly number[], output: Shape): number => {
    const count = (counts.get(node.op) ?? 0) + 1;
    const name = `${node.op === "conv2d" ? "conv" : node.op}${count}`;
    counts.set(node.op, count);
    nodes.push({ ...node, name, inputs, from: shapes[inputs[0]], output } as GraphNode);
    shapes.push(output);
    return nodes.length;
  };
  const follow = (list: readonly LayerConfig[], from: number, ends: boolean): number =>
    list.reduce((tensor, layer, index) => one(layer, tensor, ends && index === list.length - 1), from);
  const one = (layer: LayerConfig, tensor: number, branchEnd: boolean): number => {
    if (layer.op === "residual") {
      const sum = follow(layer.layers, tensor, true);
      const other = follow(layer.shortcut, tensor, false);
      return append({ op: "add", activation: layer.activation }, [sum, other], shapes[sum]);
    }
    const from = shapes[tensor];
    const output = shapeAfter([layer], from);
    return append(nodeOf(layer, from, branchEnd), [tensor], output);
  };

  shapeAfter(layers, input);
  follow(layers, 0, false);
  return nodes;
}

function nodeOf(layer: Exclude<LayerConfig, { op: "residual" }>, from: Shape, branchEnd: boolean): Fresh<GraphNode> {
  const channels = from[2];
  switch (layer.op) {
    case "dense":
      return { ...layer, kernel: [1, 1], stride: 1, pad: 0, branchEnd, in: channels, ...blocks(layer, channels) };
    case "conv2d":
      return { ...layer, branchEnd, in: channels, ...blocks(layer, channels) };
    case "depthwise":
      return { ...layer, branchEnd, channels };
    case "avgpool":
      return { ...layer, pad: 0 };
    case "globalavgpool":
      return { op: "avgpool", window: [from[0], from[1]], stride: 1, pad: 0 };
    default:
      return layer;
  }
}

function blocks({ out, k }: { readonly out: number; readonly k: number }, words: number): { p: number; q: number } {
  return { p: Math.ceil(out / k), q: Math.ceil(words / k) };
}
