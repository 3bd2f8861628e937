import { binAtLocation } from "../../../src/fft/order.ts";
import { requant } from "../../../src/fixed/arithmetic.ts";
import { depthwise } from "../../../src/layers/depthwise.ts";
import { avgpool, maxpool, meanOf } from "../../../src/layers/pool.ts";
import { multiplyAccumulate } from "../../../src/layers/spectral.ts";
import { forEachTap, type Window, windowGrid } from "../../../src/layers/window.ts";
import { type Random, randomDepthwise, randomWindow, randomWords } from "../../contract/random.ts";
import type { ModuleBench, Values } from "./bench.ts";
import { compareTransactions, cutRun, pair, type Transaction, transactions, u16, u32 } from "./drivers.ts";

/** What slides over pictures, the spectral product, and the unit that starts all others. */
export function productBenches(random: Random): ModuleBench[] {
  return [
    ...(["maximum", "mean", "mean", "depthwise", "depthwise"] as const).map((kind, i) =>
      slideBench(kind, 1 + (i % 3), random),
    ),
    ...[
      [1, 3],
      [3, 0],
      [2, 1],
      [4, 2],
    ].map(([LANES, log2K]) => spectralBench(LANES, log2K, random)),
    ...Array.from({ length: 4 }, () => sequencerBench(random)),
  ];
}

/** A window that fits the cycles of a bench. */
function smallWindow(random: Random, mayPad: boolean): Window {
  for (;;) {
    const window = { ...randomWindow(random, mayPad), height: 2 + random(4), width: 2 + random(4) };
    const { rows, columns } = windowGrid(window);
    if (rows > 0 && columns > 0 && rows * columns * window.kernel[0] * window.kernel[1] < 60) return window;
  }
}

function windowInputs({ height, width, kernel, stride, pad }: Window, pixelStride: number, base: number): Values {
  const { rows, columns } = windowGrid({ height, width, kernel, stride, pad });
  const lineStride = width * pixelStride;
  return {
    height_i: height,
    width_i: width,
    kernel_rows_i: kernel[0],
    kernel_columns_i: kernel[1],
    stride_i: stride,
    pad_i: pad,
    window_rows_i: rows,
    window_columns_i: columns,
    origin_i: base - pad * (lineStride + pixelStride),
    pixel_stride_i: pixelStride,
    line_stride_i: lineStride,
    column_step_i: stride * pixelStride,
    row_step_i: stride * lineStride,
  };
}

function slideBench(kind: "maximum" | "mean" | "depthwise", LANES: number, random: Random): ModuleBench {
  const window = smallWindow(random, kind !== "mean");
  const [channels, base, weightBase] = [1 + random(4), random(20), random(4)];
  const layer = { ...randomDepthwise(channels, window, "mixed", random), shift: random(12) };
  const plain = { ...layer, activation: { kind: "identity" }, bias: new Int16Array(channels) } as const;
  const x = randomWords(window.height * window.width * channels, "mixed", random);
  const taps = window.kernel[0] * window.kernel[1];
  const mean = meanOf(taps);
  const of = "shift" in mean ? { factor_i: 1, shift_i: mean.shift } : { factor_i: mean.reciprocal, shift_i: 15 };
  const shifts: Values = kind === "mean" ? of : { factor_i: 0, shift_i: kind === "maximum" ? 0 : layer.shift };
  const trace = depthwise(plain, x);
  const pool = { ...window, channels };
  const words = kind === "maximum" ? maxpool(pool, x) : kind === "mean" ? avgpool(pool, x) : trace.outputs;
  const expected = Array.from(words, (value, at): Transaction => [at, at % channels, u16(value)]);
  const memory = Array.from({ length: 256 }, () => random(65536));
  memory.splice(base, x.length, ...x);
  // The taps of a channel, channel by channel, 2 LANES to a word.
  const order = Array.from(
    { length: taps * channels },
    (_, at) => layer.weights[(at % taps) * channels + Math.floor(at / taps)],
  );
  const weights = Array.from({ length: 64 }, (_, at) =>
    Array.from({ length: 2 * LANES }, (__, slot) =>
      BigInt(u16(order[(at - weightBase) * 2 * LANES + slot] ?? 7)),
    ).reduceRight((sum, word) => (sum << 16n) | word, 0n),
  );
  const cycles = words.length * taps + 8;
  const constants = {
    ...windowInputs(window, channels, base),
    ...shifts,
    maximum_i: kind === "maximum" ? 1 : 0,
    mean_i: kind === "mean" ? 1 : 0,
    channels_i: channels,
    weight_base_i: weightBase,
  };
  const { stimulus, first, second } = cutRun(constants, 3 + random(cycles), cycles);
  const ports = ["place_o", "channel_o", "word_o"];
  const sums: Transaction[] = Array.from(trace.accumulators, (acc) => [u32(acc)]);
  return {
    module: "slide",
    parameters: { LANES, WEIGHT_WIDTH: 6 },
    stimulus,
    reads: [
      { address: "read_address_o", data: "data_i", words: memory },
      { address: "weight_address_o", data: "weights_i", words: weights },
    ],
    scoreboard: (out) =>
      compareTransactions(transactions(out, ["valid_o"], ports, first), expected, true) ??
      compareTransactions(transactions(out, ["valid_o"], ports, second), expected) ??
      (kind === "depthwise" ? compareTransactions(transactions(out, ["valid_o"], ["acc_o"], second), sums) : undefined),
  };
}

function spectralBench(LANES: number, log2K: number, random: Random): ModuleBench {
  const k = 2 ** log2K;
  const locations = Math.max(1, k / 2);
  const window = { height: 2, width: 3, kernel: [1 + random(2), 1 + random(2)], stride: 1, pad: random(2) } as const;
  const [p, q, shift, weightBase, productBase] = [1 + random(2 * LANES), 1 + random(3), random(14), random(5), 128];
  const { rows, columns } = windowGrid(window);
  const taps = window.kernel[0] * window.kernel[1];
  const spectra = randomWords(6 * q * k, "mixed", random);
  const weights = randomWords(taps * p * q * k, "mixed", random);
  const sums = new Int32Array(rows * columns * p * k);
  forEachTap(window, (output, tap, pixel) => {
    for (let i = 0; i < p; i++) {
      for (let j = 0; j < q; j++) {
        multiplyAccumulate(
          sums,
          (output * p + i) * k,
          spectra,
          (pixel * q + j) * k,
          weights,
          ((tap * p + i) * q + j) * k,
          k,
        );
      }
    }
  });
  const parts = (words: ArrayLike<number>, block: number, location: number): readonly [number, number] => {
    const bin = binAtLocation(location);
    if (k === 1) return [words[block], 0];
    return [words[block * k + bin], words[block * k + (location === 0 ? k / 2 : k - bin)]];
  };
  const memory = Array.from({ length: 256 }, (_, at) => {
    return at < 6 * q * locations
      ? pair(...parts(spectra, Math.floor(at / locations), at % locations))
      : random(2 ** 32);
  });
  const image: bigint[] = Array.from({ length: weightBase }, () => 5n);
  const expected: Transaction[] = [];
  for (let output = 0; output < rows * columns; output++) {
    for (let group = 0; group < p; group += LANES) {
      for (let location = 0; location < locations; location++) {
        for (let i = group; i < Math.min(p, group + LANES); i++) {
          const [re, im] = parts(sums, output * p + i, location);
          const data = pair(requant(re, shift), requant(im, shift));
          expected.push([
            productBase + (output * p + i) * locations + location,
            k === 1 ? data & 0xffff : data,
            u32(re),
          ]);
        }
        for (let at = 0; output === 0 && at < taps * q; at++) {
          let wide = 0n;
          for (let lane = LANES - 1; lane >= 0; lane--) {
            const i = group + lane;
            const block = (Math.floor(at / q) * p + i) * q + (at % q);
            wide = (wide << 32n) | BigInt(i < p ? pair(...parts(weights, block, location)) : 0);
          }
          image.push(wide);
        }
      }
    }
  }
  const cycles = rows * columns * Math.ceil(p / LANES) * locations * Math.max(LANES, taps * q) + 16;
  const constants = {
    ...windowInputs(window, q * locations, 0),
    log2_k_i: log2K,
    output_blocks_i: p,
    input_blocks_i: q,
    shift_i: shift,
    weight_base_i: weightBase,
    product_base_i: productBase,
  };
  const { stimulus, first, second } = cutRun(constants, 3 + random(Math.min(200, cycles)), Math.min(cycles, 780));
  const ports = ["write_address_o", "data_o", "acc_re_o"];
  const seen = (range: readonly [number, number], out: Parameters<typeof transactions>[0]) =>
    transactions(out, ["write_o"], ports, range).map(([address, data, re]) => [
      address,
      k === 1 ? data & 0xffffn : data,
      re,
    ]);
  return {
    module: "spectral_product",
    parameters: { LANES, LOG2_K_MAX: 4, SPECTRUM_WIDTH: 8, WEIGHT_WIDTH: 9 },
    stimulus,
    reads: [
      { address: "read_address_o", data: "spectrum_i", words: memory },
      { address: "weight_address_o", data: "weights_i", words: image },
    ],
    scoreboard: (out) =>
      compareTransactions(seen(first, out), expected, true) ??
      compareTransactions(seen(second, out), expected, cycles > 780) ??
      (cycles > 780 || out.at(-1)?.busy_o === 0n ? undefined : "busy at the end"),
  };
}

/** Units of an operation in the order in which they are started. */
const UNITS: Readonly<Record<string, readonly string[]>> = {
  is_product: ["loading", "forward", "multiplying", "inverse", "unloading"],
  is_rfft: ["loading", "forward", "unloading"],
  is_irfft: ["loading", "inverse", "unloading"],
  is_window: ["sliding"],
  is_sum: ["summing"],
  flatten: [],
};

/** A random network: which unit is started, for which operation, whatever time the units take. */
function sequencerBench(random: Random): ModuleBench {
  const kinds = Object.keys(UNITS);
  const count = 1 + random(7);
  const network = Array.from({ length: count }, () => kinds[random(kinds.length)]);
  const once: Transaction[] = [
    [0, "receiving"],
    ...network.flatMap((kind, layer) => UNITS[kind].map((unit) => [layer, unit] as const)),
    [count - 1, "transmitting"],
  ].map(([layer, unit]) => [Number(layer), ...units(String(unit))]);
  const expected = Array.from({ length: 60 }, () => once).flat();
  const flag = (name: string, holds: (kind: string, layer: number) => boolean) => ({
    address: "layer_o",
    data: `${name}_i`,
    words: Array.from({ length: 8 }, (_, layer) => (holds(network[layer] ?? "", layer) ? 1 : 0)),
  });
  const run = cutRun({}, 20 + random(100), 600, () => ({ unit_busy_i: random(3) > 0 ? 1 : 0 }));
  const ports = ["layer_o", ...ALL_UNITS.map((unit) => `${unit}_o`)];
  return {
    module: "sequencer",
    parameters: { LAYER_WIDTH: 3 },
    stimulus: run.stimulus.map(({ start_i: _, ...row }) => row),
    reads: [
      ...kinds.filter((kind) => kind !== "flatten").map((name) => flag(name, (kind) => kind === name)),
      flag("last_layer", (_, layer) => layer === count - 1),
    ],
    scoreboard(out) {
      const [first, second] = [run.first, run.second].map((range) => transactions(out, ["start_o"], ports, range));
      if (second.length < 20) return `expected at least 20 units to start, got ${second.length}`;
      return compareTransactions(first, expected, true) ?? compareTransactions(second, expected, true);
    },
  };
}

const ALL_UNITS = [
  "receiving",
  "loading",
  "forward",
  "multiplying",
  "inverse",
  "unloading",
  "sliding",
  "summing",
  "transmitting",
];
const units = (started: string) => ALL_UNITS.map((unit) => (unit === started ? 1 : 0));
