import { binAtLocation } from "../fft/order.ts";
import { type EngineOperation, type EngineProgram, operationSize } from "./program.ts";
import type { TraceChannel, TraceTable } from "./simulate/design.ts";

/** The trace channels of rtl/bench/engine_bench.v. */
export const TRACE_CHANNELS: readonly TraceChannel[] = [
  channel("load", "trace_load_o", ["address", "data"]),
  channel("butterfly", "trace_butterfly_o", ["inverse", "stage", "address_a", "address_b", "data_a", "data_b"]),
  channel("product", "trace_product_o", ["address", "acc_re", "acc_im", "data"]),
  channel("unload_a", "trace_unload_a_o", ["word_a", "data_a"], "unload"),
  channel("unload_b", "trace_unload_b_o", ["word_b", "data_b"], "unload"),
];

function channel(name: string, enable: string, ports: readonly string[], prefix = name): TraceChannel {
  return { name, enable, ports: ["trace_layer_o", ...ports.map((port) => `trace_${prefix}_${port}_o`)] };
}

/** Every tensor that the datapath writes while it runs one operation, in the order of the blocks, k words a block. */
export interface OperationTrace {
  /** After each stage of the forward transforms, stage 1 first: q*k words, halfcomplex within the stage's groups. */
  readonly forwardStages: readonly Int16Array[];
  /** p*k sums, halfcomplex. */
  readonly accumulators: Int32Array;
  /** p*k words, halfcomplex. */
  readonly products: Int16Array;
  /** After each stage of the inverse transforms but the last, stage log2 k first, as `forwardStages`. */
  readonly inverseStages: readonly Int16Array[];
  /** p*k words, natural order: after the last stage. */
  readonly transforms: Int16Array;
  /** p*k words, natural order: after bias and activation; zero past the layer's outputs. */
  readonly outputs: Int16Array;
}

/** Puts the rows of a traced run of one vector together to tensors, an entry for each operation of the program. */
export function decodeTrace(
  program: EngineProgram,
  tables: Readonly<Record<string, TraceTable>>,
): readonly OperationTrace[] {
  const traces = program.map(emptyTrace);
  const places = program.map((operation) => stagePlaces(operationSize(operation).log2K));

  eachRow(tables.load, ["address", "data"], "load", (layer, [address, data]) => {
    const { k } = program[layer];
    const stages = traces[layer].forwardStages;
    if (stages.length > 0) store(stages[0], places[layer][Math.min(1, Math.log2(k))], address, data);
  });
  const butterflyPorts = ["inverse", "stage", "address_a", "address_b", "data_a", "data_b"];
  eachRow(tables.butterfly, butterflyPorts, "butterfly", (layer, [inverse, stage, a, b, dataA, dataB]) => {
    const { productBase, log2K } = operationSize(program[layer]);
    const base = inverse ? productBase : 0;
    const words = inverse ? traces[layer].inverseStages[log2K - stage] : traces[layer].forwardStages[stage - 1];
    const place = places[layer][inverse ? stage - 1 : stage];
    store(words, place, a - base, dataA);
    store(words, place, b - base, dataB);
  });
  eachRow(tables.product, ["address", "acc_re", "acc_im", "data"], "product", (layer, [address, re, im, data]) => {
    const { productBase, log2K } = operationSize(program[layer]);
    const place = places[layer][log2K];
    const [reWord, imWord] = place(address - productBase);
    traces[layer].accumulators[reWord] = re;
    if (imWord >= 0) traces[layer].accumulators[imWord] = im;
    store(traces[layer].products, place, address - productBase, data);
  });
  for (const side of ["a", "b"]) {
    eachRow(tables[`unload_${side}`], [`word_${side}`, `data_${side}`], "unload", (layer, [word, data]) => {
      traces[layer].transforms[word] = data >> 16;
      traces[layer].outputs[word] = data;
    });
  }
  return traces;
}

/** Maps a location of the spectrum memory to its two words, the second -1 where there is none. */
type Place = (location: number) => readonly [number, number];

/** For g = 0 .. log2 k: where words stand in groups of 2^g, halfcomplex. */
function stagePlaces(log2K: number): readonly Place[] {
  return Array.from({ length: log2K + 1 }, (_, g): Place => {
    if (g === 0) return (location) => [location, -1];
    const bins = Array.from({ length: 1 << (g - 1) }, (_, location) => binAtLocation(location));
    return (location) => {
      const offset = location & (bins.length - 1);
      const base = (location >> (g - 1)) << g;
      const middle = 1 << (g - 1);
      return offset === 0 ? [base, base + middle] : [base + bins[offset], base + 2 * middle - bins[offset]];
    };
  });
}

function store(words: Int16Array, place: Place, location: number, data: number): void {
  const [re, im] = place(location);
  words[re] = data;
  if (im >= 0) words[im] = data >> 16;
}

function emptyTrace(operation: EngineOperation): OperationTrace {
  const { log2K, inputBlocks, outputBlocks } = operationSize(operation);
  const inputs = inputBlocks << log2K;
  const outputs = outputBlocks << log2K;
  const isInverseOnly = operation.op === "irfft";
  const isForwardOnly = operation.op === "rfft";
  return {
    forwardStages: Array.from({ length: isInverseOnly ? 0 : Math.max(1, log2K) }, () => new Int16Array(inputs)),
    accumulators: new Int32Array(outputs),
    products: new Int16Array(outputs),
    inverseStages: Array.from({ length: isForwardOnly ? 0 : Math.max(0, log2K - 1) }, () => new Int16Array(outputs)),
    transforms: new Int16Array(outputs),
    outputs: new Int16Array(outputs),
  };
}

function eachRow(
  table: TraceTable,
  ports: readonly string[],
  prefix: string,
  visit: (layer: number, values: readonly number[]) => void,
): void {
  const layers = table.ports.trace_layer_o;
  const columns = ports.map((port) => table.ports[`trace_${prefix}_${port}_o`]);
  const values = ports.map(() => 0);
  for (let row = 0; row < layers.length; row++) {
    for (let column = 0; column < columns.length; column++) values[column] = Number(columns[column][row]);
    visit(Number(layers[row]), values);
  }
}
