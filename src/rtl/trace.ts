import { binAtLocation } from "../fft/order.ts";
import type { OperationTrace } from "../layers/operation.ts";
import { type EngineOperation, type EngineProgram, type EngineStep, wordsOf } from "./program.ts";
import type { TraceChannel, TraceTable } from "./simulate/design.ts";
import { type SpectralSize, spectralSize } from "./size.ts";

/** The trace channels of rtl/bench/engine_bench.v. */
export const TRACE_CHANNELS: readonly TraceChannel[] = [
  channel("load", "trace_load_o", ["address", "data"]),
  channel("butterfly", "trace_butterfly_o", ["inverse", "stage", "address_a", "address_b", "data_a", "data_b"]),
  channel("product", "trace_product_o", ["address", "acc_re", "acc_im", "data"]),
  channel("slide", "trace_slide_o", ["place", "acc", "data"]),
  channel("finish_a", "trace_finish_a_o", ["write_a", "padded_a", "address_a", "data_a"], "finish"),
  channel("finish_b", "trace_finish_b_o", ["write_b", "padded_b", "address_b", "data_b"], "finish"),
];

function channel(name: string, enable: string, ports: readonly string[], prefix = name): TraceChannel {
  return { name, enable, ports: ["trace_layer_o", ...ports.map((port) => `trace_${prefix}_${port}_o`)] };
}

/**
 * Every tensor that the datapath writes while it runs one operation, laid out as the reference's, and the words after
 * each stage of its transforms; spectra and transforms are those after the last.
 */
export interface EngineTrace extends OperationTrace {
  /** After each stage of the forward transforms, stage 1 first, halfcomplex within the stage's groups; none without. */
  readonly forwardStages: readonly Int16Array[];
  /** After each stage of the inverse transforms but the last, stage log2 k first, as `forwardStages`. */
  readonly inverseStages: readonly Int16Array[];
}

/**
 * Puts the rows of a traced run of one vector together to tensors, an entry for each step of the program.
 *
 * @param x the vector
 */
export function decodeTrace(
  program: EngineProgram,
  tables: Readonly<Record<string, TraceTable>>,
  x: Int16Array,
): readonly EngineTrace[] {
  const decoders: Decoder[] = [];
  for (const step of program.steps) {
    const writer = decoders.findLast((decoder) => decoder.step.to === step.from[0]);
    decoders.push(decoderOf(step, writer?.trace.outputs ?? x));
  }

  eachRow(tables.load, ["address", "data"], "load", decoders, ({ trace, size, places }, [address, data]) => {
    if (trace.forwardStages.length > 0) store(trace.forwardStages[0], places[Math.min(1, size.log2K)], address, data);
  });
  const butterflyPorts = ["inverse", "stage", "address_a", "address_b", "data_a", "data_b"];
  eachRow(tables.butterfly, butterflyPorts, "butterfly", decoders, ({ trace, size, places }, row) => {
    const [inverse, stage, a, b, dataA, dataB] = row;
    const base = inverse ? size.productBase : 0;
    const words = inverse ? trace.inverseStages[size.log2K - stage] : trace.forwardStages[stage - 1];
    const place = places[inverse ? stage - 1 : stage];
    store(words, place, a - base, dataA);
    store(words, place, b - base, dataB);
  });
  eachRow(tables.product, ["address", "acc_re", "acc_im", "data"], "product", decoders, (decoder, row) => {
    const [address, re, im, data] = row;
    const { trace, size, places } = decoder;
    const place = places[size.log2K];
    const location = address - size.productBase;
    const { accumulators, products } = trace;
    if (accumulators === undefined || products === undefined) return;
    accumulators[place.re(location)] = re;
    if (size.log2K > 0) accumulators[place.im(location)] = im;
    store(products, place, location, data);
  });
  eachRow(tables.slide, ["place", "acc", "data"], "slide", decoders, ({ trace }, [place, acc, data]) => {
    if (trace.accumulators === undefined || trace.products === undefined) return;
    trace.accumulators[place] = acc;
    trace.products[place] = data;
  });
  for (const side of ["a", "b"]) {
    const ports = ["write", "padded", "address", "data"].map((port) => `${port}_${side}`);
    eachRow(tables[`finish_${side}`], ports, "finish", decoders, (decoder, [write, padded, address, data]) => {
      const { trace, step } = decoder;
      if (trace.transforms !== undefined) trace.transforms[padded] = data >> 16;
      if (write) trace.outputs[address - step.to] = data;
    });
  }
  return decoders.map(({ trace }) => trace);
}

/** Bits of a cycle that a word of a trace has room for. */
const CYCLE_BITS = 15;

/**
 * The cycles in which the words of a trace were written: each stands where `decodeTrace` puts the word, its low 15 bits
 * in one trace and the bits above in another.
 */
export function decodeCycles(
  program: EngineProgram,
  tables: Readonly<Record<string, TraceTable>>,
  x: Int16Array,
): { readonly low: readonly EngineTrace[]; readonly high: readonly EngineTrace[]; readonly bits: number } {
  const part = (shift: number) =>
    decodeTrace(
      program,
      mapTables(tables, (table) => cycleRows(table, shift)),
      x,
    );
  return { low: part(0), high: part(CYCLE_BITS), bits: CYCLE_BITS };
}

function mapTables(
  tables: Readonly<Record<string, TraceTable>>,
  map: (table: TraceTable) => TraceTable,
): Record<string, TraceTable> {
  return Object.fromEntries(Object.entries(tables).map(([name, table]) => [name, map(table)]));
}

/** Rows whose words are 15 bits of their cycle, in both halves of a pair of words. */
function cycleRows({ cycles, ports }: TraceTable, shift: number): TraceTable {
  const words = Int32Array.from(cycles, (cycle) => ((cycle >>> shift) & ((1 << CYCLE_BITS) - 1)) * 0x10001);
  const isWord = (name: string) => /_(data|acc)(_|$)/.test(name);
  return { cycles, ports: mapPorts(ports, (name, column) => (isWord(name) ? words : column)) };
}

function mapPorts(
  ports: TraceTable["ports"],
  map: (name: string, column: Int32Array | BigInt64Array) => Int32Array | BigInt64Array,
): TraceTable["ports"] {
  return Object.fromEntries(Object.entries(ports).map(([name, column]) => [name, map(name, column)]));
}

/** Where the rows of one step go. */
interface Decoder {
  readonly step: EngineStep;
  readonly trace: EngineTrace;
  readonly size: SpectralSize;
  /** For each stage where the words of a location stand. */
  readonly places: readonly Place[];
}

/** Maps a location of the spectrum memory to its two words; of a group of one word there is no second. */
interface Place {
  readonly re: (location: number) => number;
  readonly im: (location: number) => number;
}

const NO_ROWS = { rows: 0, blocks: 0, words: 0, locations: 0 };
const NO_SPECTRA: SpectralSize = { log2K: 0, locations: 0, input: NO_ROWS, output: NO_ROWS, productBase: 0 };

function decoderOf(step: EngineStep, input: Int16Array): Decoder {
  const { operation } = step;
  const size = spectralSize(operation) ?? NO_SPECTRA;
  return { step, size, trace: emptyTrace(operation, size, input), places: stagePlaces(size.log2K) };
}

/** For g = 0 .. log2 k: where words stand in groups of 2^g, halfcomplex. */
function stagePlaces(log2K: number): readonly Place[] {
  return Array.from({ length: log2K + 1 }, (_, g): Place => {
    if (g === 0) return { re: (location) => location, im: () => -1 };
    const middle = 1 << (g - 1);
    const bins = Int32Array.from({ length: middle }, (_, location) => binAtLocation(location));
    const imaginary = bins.map((bin) => (bin === 0 ? middle : 2 * middle - bin));
    const base = (location: number) => (location >> (g - 1)) << g;
    return {
      re: (location) => base(location) + bins[location & (middle - 1)],
      im: (location) => base(location) + imaginary[location & (middle - 1)],
    };
  });
}

function store(words: Int16Array, place: Place, location: number, data: number): void {
  words[place.re(location)] = data;
  const im = place.im(location);
  if (im >= 0) words[im] = data >> 16;
}

function emptyTrace(operation: EngineOperation, size: SpectralSize, input: Int16Array): EngineTrace {
  if (operation.op === "flatten") return { outputs: input, forwardStages: [], inverseStages: [] };
  const outputs = new Int16Array(wordsOf(operation).output);
  if (operation.op === "depthwise") {
    const { length } = outputs;
    const sums = { accumulators: new Int32Array(length), products: new Int16Array(length) };
    return { ...sums, outputs, forwardStages: [], inverseStages: [] };
  }
  if (!("k" in operation)) return { outputs, forwardStages: [], inverseStages: [] };
  const { log2K, locations, input: from, output: to } = size;
  const stages = (count: number, length: number) => Array.from({ length: count }, () => new Int16Array(length));
  const wordsOfSide = (side: { locations: number }) => (side.locations / locations) << log2K;
  const forwardStages = stages(operation.op === "irfft" ? 0 : Math.max(1, log2K), wordsOfSide(from));
  const inverseStages = stages(operation.op === "rfft" ? 0 : Math.max(0, log2K - 1), wordsOfSide(to));
  if (operation.op === "rfft") return { spectra: forwardStages.at(-1), outputs, forwardStages, inverseStages };
  const transforms = new Int16Array(wordsOfSide(to));
  if (operation.op === "irfft") return { transforms, outputs, forwardStages, inverseStages };
  return {
    spectra: forwardStages.at(-1),
    accumulators: new Int32Array(wordsOfSide(to)),
    products: new Int16Array(wordsOfSide(to)),
    transforms,
    outputs,
    forwardStages,
    inverseStages,
  };
}

function eachRow(
  table: TraceTable,
  ports: readonly string[],
  prefix: string,
  decoders: readonly Decoder[],
  visit: (decoder: Decoder, values: readonly number[]) => void,
): void {
  const layers = table.ports.trace_layer_o;
  const columns = ports.map((port) => table.ports[`trace_${prefix}_${port}_o`]);
  const values = ports.map(() => 0);
  for (let row = 0; row < layers.length; row++) {
    for (let column = 0; column < columns.length; column++) values[column] = Number(columns[column][row]);
    visit(decoders[Number(layers[row])], values);
  }
}
