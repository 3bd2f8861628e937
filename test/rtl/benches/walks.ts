import { binAtLocation, bitReverse } from "../../../src/fft/order.ts";
import { forEachTap, windowGrid } from "../../../src/layers/window.ts";
import { type Random, randomWindow } from "../../contract/random.ts";
import type { ModuleBench, Values } from "./bench.ts";
import { compareTransactions, cutRun, type Transaction, transactions } from "./drivers.ts";

/** The units that say which words and which taps come next. */
export function walkBenches(random: Random): ModuleBench[] {
  return [
    ...[
      [3, 0],
      [3, 1],
      [3, 2],
      [6, 3],
      [6, 5],
      [11, 4],
    ].flatMap(([LOG2_K_MAX, log2K]) =>
      [0, 1].map((spectra) => locationBench(LOG2_K_MAX, log2K, spectra === 1, random)),
    ),
    ...Array.from({ length: 6 }, () => windowBench(random)),
  ];
}

/** A row of blocks: the location, its words' places, and whether the row has them. */
export function locationsOf(
  log2K: number,
  rows: number,
  blocks: number,
  words: number,
  base: number,
  spectra: boolean,
) {
  const k = 2 ** log2K;
  const [middle, locations] = [k / 2, Math.max(1, k / 2)];
  const walk: { location: number; second: boolean; ends: boolean; a: number; b: number; row: number; block: number }[] =
    [];
  for (let row = 0, location = 0; row < rows; row++) {
    for (let block = 0; block < blocks; block++) {
      for (let place = 0; place < locations; place++, location++) {
        const common = { location, row, block };
        if (k === 1) walk.push({ ...common, second: false, ends: true, a: 0, b: -1 });
        else if (!spectra) {
          const n = bitReverse(place, log2K - 1);
          walk.push({ ...common, second: false, ends: true, a: n, b: n + middle });
        } else {
          const bin = binAtLocation(place);
          walk.push({ ...common, second: false, ends: false, a: bin, b: -1 });
          walk.push({ ...common, second: true, ends: true, a: place === 0 ? middle : k - bin, b: -1 });
        }
      }
    }
  }
  return walk.map((it) => {
    const inside = (word: number) => word >= 0 && it.block * k + word < words;
    const address = (word: number) => base + it.row * words + it.block * k + word;
    const padded = (word: number) => (it.row * blocks + it.block) * k + word;
    return { ...it, column: (word: number) => it.block * k + word, inside, address, padded };
  });
}

function locationBench(LOG2_K_MAX: number, log2K: number, spectra: boolean, random: Random): ModuleBench {
  const k = 2 ** log2K;
  const [rows, blocks, base] = [1 + random(3), 1 + random(3), random(1000)];
  const words = (blocks - 1) * k + 1 + random(k);
  const walk = locationsOf(log2K, rows, blocks, words, base, spectra);
  const ports = ["location_o", "second_o", "ends_o", "column_a_o", "inside_a_o", "address_a_o", "padded_a_o"];
  const expected: Transaction[] = walk.map((it) => [
    it.location,
    it.second ? 1 : 0,
    it.ends ? 1 : 0,
    it.column(it.a),
    it.inside(it.a) ? 1 : 0,
    it.address(it.a),
    it.padded(it.a),
  ]);
  const seconds: Transaction[] = walk
    .filter(({ b }) => b >= 0)
    .map((it) => [it.column(it.b), it.inside(it.b) ? 1 : 0, it.address(it.b), it.padded(it.b)]);
  const constants = {
    spectra_i: spectra ? 1 : 0,
    log2_k_i: log2K,
    rows_i: rows,
    blocks_i: blocks,
    words_i: words,
    base_i: base,
  };
  const { stimulus, first, second } = cutRun(constants, 3 + random(expected.length), expected.length + 5);
  return {
    module: "location_walk",
    parameters: { LOG2_K_MAX },
    stimulus,
    scoreboard: (out) =>
      compareTransactions(transactions(out, ["valid_o"], ports, first), expected, true) ??
      compareTransactions(transactions(out, ["valid_o"], ports, second), expected) ??
      (seconds.length === 0
        ? insideOf(out)
        : compareTransactions(
            transactions(out, ["valid_o"], ["column_b_o", "inside_b_o", "address_b_o", "padded_b_o"], second),
            seconds,
          )),
  };
}

/** Where a location has one word a cycle, its second is never inside. */
function insideOf(out: readonly Readonly<Record<string, bigint>>[]): string | undefined {
  const wrong = out.findIndex((row) => row.valid_o === 1n && row.inside_b_o === 1n);
  return wrong < 0 ? undefined : `cycle ${wrong}: a second word where there is none`;
}

/** Goes through the taps with pauses, and leaves a window early now and then. */
function windowBench(random: Random): ModuleBench {
  const window = randomWindow(random);
  const { height, width, kernel, stride, pad } = window;
  const { rows, columns } = windowGrid(window);
  const [pixelStride, base] = [1 + random(9), random(500)];
  const lineStride = width * pixelStride;
  const origin = base - pad * (lineStride + pixelStride);
  const inside = new Map<string, number>();
  forEachTap(window, (output, tap, pixel) => inside.set(`${output} ${tap}`, pixel));
  const taps = kernel[0] * kernel[1];
  const constants = {
    height_i: height,
    width_i: width,
    kernel_rows_i: kernel[0],
    kernel_columns_i: kernel[1],
    stride_i: stride,
    pad_i: pad,
    window_rows_i: rows,
    window_columns_i: columns,
    origin_i: origin & 0xffffff,
    pixel_stride_i: pixelStride,
    line_stride_i: lineStride,
    column_step_i: stride * pixelStride,
    row_step_i: stride * lineStride,
  };
  const stimulus: Values[] = [{ ...constants, start_i: 1 }];
  const expected: Values[] = [{}];
  let [output, tap] = [0, 0];
  while (stimulus.length < 700) {
    const restarts = random(200) === 0;
    const leaves = random(taps * 3) === 0 || (tap === taps - 1 && random(3) > 0);
    const next_window_i = leaves && output < rows * columns - 1 ? 1 : 0;
    const next_tap_i = random(4) > 0 ? 1 : 0;
    stimulus.push({ start_i: restarts ? 1 : 0, next_window_i, next_tap_i });
    const pixel = inside.get(`${output} ${tap}`);
    const [y, x] = [
      Math.floor(output / columns) * stride + Math.floor(tap / kernel[1]),
      (output % columns) * stride + (tap % kernel[1]),
    ];
    expected.push({
      address_o: (origin + y * lineStride + x * pixelStride) & 0xffffff,
      inside_o: pixel === undefined ? 0 : 1,
      tap_last_o: tap === taps - 1 ? 1 : 0,
      window_last_o: output === rows * columns - 1 ? 1 : 0,
    });
    if (restarts) [output, tap] = [0, 0];
    else if (next_window_i) [output, tap] = [output + 1, 0];
    else if (next_tap_i) tap = (tap + 1) % taps;
  }
  return { module: "window_walk", parameters: {}, stimulus, expected };
}
