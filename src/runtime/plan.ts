import type { Activation } from "../layers/activation.ts";
import { type ConvolutionPlan, planConvolution } from "./convolution.ts";
import { type DensePlan, planDense, type Tiles } from "./dense.ts";
import { fedTensors, type Graph } from "./graph.ts";
import { type Constant, type Layout, layOut, type Region, type WeightRows } from "./layout.ts";
import { STEP_WORDS, type Step } from "./program.ts";
import {
  planAveragePool,
  planDepthwise,
  planMaxPool,
  planPlainConvolution,
  planSum,
  type WindowPlan,
} from "./windows.ts";

/** How one operation runs, and where its tensors can be seen. */
export type OperationPlan = { readonly steps: readonly Step[] } & (
  | DensePlan
  | ConvolutionPlan
  | WindowPlan
  | { readonly kind: "elementwise" }
);

/** The memory of a network and the steps that run it: plain data, computed once when the network is loaded. */
export interface Plan {
  readonly operations: readonly OperationPlan[];
  readonly steps: readonly Step[];
  readonly regions: readonly Region[];
  readonly constants: readonly Constant[];
  readonly weightRows: readonly WeightRows[];
  /** Where the words of a weight row stand while they are packed. */
  readonly weightRow: number;
  /** The arena of the tensors, and the address of each. */
  readonly tensors: Region;
  readonly addresses: readonly number[];
  readonly program: Region;
  /** One step, for traces. */
  readonly traceStep: Region;
  /** An item's pixels or float32, before they become words; whole vectors, zeros after the item. */
  readonly raw: Region;
  /** The float32 of an output's words; whole vectors. */
  readonly reals: Region;
  /** The words of the 256 pixels. */
  readonly pixelTable: Region;
  /** A tile of the largest block size for single transforms. */
  readonly scratch: Region;
  /** Memory in all. */
  readonly bytes: number;
}

/** What the planner of an operation is given. */
export interface Place {
  readonly layout: Layout;
  /** Begins the names of the operation's constants. */
  readonly name: string;
  /** Addresses of the tensors that it reads, and of the one that it writes. */
  readonly from: readonly number[];
  readonly to: number;
  /** Whether none of the operation's accumulators can wrap. */
  readonly holds: boolean;
}

/**
 * Lays out the memory of a network. Tensors stand in natural order at the places of the model's memory plan; only
 * between dense layers of falling k, where nobody else reads them, words stay in tiles.
 *
 * @param heap the first free byte
 */
export function planNetwork(graph: Graph, heap: number): Plan {
  const { operations, words, memory } = graph;
  const fed = fedTensors(graph);
  const kMax = Math.max(...operations.map((operation) => ("k" in operation ? operation.k : 1)));
  const { layout, plan } = layOut(heap, (layout) => {
    const tensors = layout.take("tensors", "tensors", 2 * memory.words);
    const addresses = memory.offsets.map((offset) => tensors.offset + 2 * offset);
    const plans = planOperations(graph, addresses, layout);
    const steps = plans.flatMap((plan) => plan.steps);
    return {
      operations: plans,
      steps,
      tensors,
      addresses,
      program: layout.take("constants", "program", 4 * STEP_WORDS * steps.length),
      traceStep: layout.take("working", "trace step", 4 * STEP_WORDS),
      raw: layout.take("working", "raw input", 32 * Math.ceil(words[fed - 1] / 8)),
      reals: layout.take("working", "real output", 32 * Math.ceil(words[words.length - 1] / 8)),
      pixelTable: layout.take("constants", "pixel table", 512),
      scratch: layout.take("working", "scratch", 16 * kMax),
      weightRow: layout.shared("weight row", 0),
    };
  });
  const { regions, constants, weightRows } = layout;
  return { ...plan, regions, constants, weightRows, bytes: layout.end() };
}

function planOperations(graph: Graph, addresses: readonly number[], layout: Layout): OperationPlan[] {
  const fed = fedTensors(graph);
  let tiles: Tiles | undefined;
  return graph.operations.map((operation, i): OperationPlan => {
    const place: Place = {
      layout,
      name: `operation ${i}`,
      from: operation.inputs.map((tensor) => addresses[tensor]),
      to: addresses[i + fed],
      holds: graph.holds[i],
    };
    if (operation.op === "dense") {
      const plan = planDense(operation, place, tiles, staysInTiles(graph, i));
      tiles = plan.keepsTiles ? { at: plan.outputs, k: operation.k } : undefined;
      return plan;
    }
    const plan = planOther(operation, place);
    const table = "activation" in operation ? lookUp(operation.activation, place, graph.words[i + fed]) : [];
    return { ...plan, steps: [...plan.steps, ...table] };
  });
}

function planOther(operation: Exclude<Graph["operations"][number], { op: "dense" }>, place: Place): OperationPlan {
  switch (operation.op) {
    case "conv2d":
      return operation.k === 1 ? planPlainConvolution(operation, place) : planConvolution(operation, place);
    case "depthwise":
      return planDepthwise(operation, place);
    case "maxpool":
      return planMaxPool(operation, place);
    case "avgpool":
      return planAveragePool(operation, place);
    case "add":
      return planSum(operation, place);
    case "flatten":
      return { kind: "elementwise", steps: [] };
  }
}

/** True where what operation i writes is read by nothing but a dense layer that follows it, of its k or of less. */
function staysInTiles(graph: Graph, i: number): boolean {
  const { operations, whole } = graph;
  const [operation, next] = [operations[i], operations[i + 1]];
  if (whole || operation.op !== "dense" || next?.op !== "dense" || next.k > operation.k || next.k === 1) return false;
  const tensor = i + fedTensors(graph);
  return operations.every(({ inputs }, reader) => inputs.includes(tensor) === (reader === i + 1));
}

/** The step of a table activation over a tensor in natural order; none for others. */
function lookUp(activation: Activation, { layout, name, to }: Place, words: number): Step[] {
  if (activation.kind !== "table") return [];
  const table = layout.constant(`${name} table`, () => activation.table);
  return [{ operation: "lookUp", operands: { words: to, table, count: Math.ceil(words / 8) } }];
}
