import { describe, expect, it } from "vitest";
import type { TensorName } from "../../src/conform/trace.ts";
import { irfft, rfft } from "../../src/fft/transform.ts";
import { requant } from "../../src/fixed/arithmetic.ts";
import { type Operation, perform } from "../../src/layers/operation.ts";
import { createRandom, randomConv2d, randomDense, randomWords } from "../contract/random.ts";
import { diagnoseText, type Edit, editedTrace, hexDump, namesIn, subjectOf } from "./doctor.ts";

const random = createRandom(20261125);
const WINDOW = { height: 4, width: 5, kernel: [3, 3], stride: 1, pad: 1 } as const;
const RELU = { kind: "relu" } as const;
type Dense = Extract<Operation, { op: "dense" }>;
type Conv2d = Extract<Operation, { op: "conv2d" }>;

/** Scaled now and then, so that each schedule bit and each rounding has an effect and little saturates. */
const USUAL = { forward: 0b00111, inverse: 0b01001, shift: 9, activation: RELU } as const;
const DENSE: Dense = { op: "dense", ...randomDense({ in: 90, out: 60, k: 32 }, "small", random), ...USUAL };
const CONV: Conv2d = { op: "conv2d", ...randomConv2d({ in: 30, out: 28, k: 16 }, WINDOW, "small", random), ...USUAL };
/** Words that saturate. */
const LOUD: Dense = { ...DENSE, forward: 0, inverse: 0, shift: 5 };
/** The inputs of an operation. */
const wordsFor = (operation: Operation, size = 1) => {
  const count = operation.op === "dense" ? operation.in : 20 * 30;
  return randomWords(count, "uniform", random).map((word) => Math.floor(word / size));
};

/** The bin at each location, from the Gray code, as rtl/bin_at_location.v has it. */
function binAt(location: number): number {
  if (location === 0) return 0;
  let gray = 0;
  for (let rest = location; rest > 0; rest >>= 1) gray ^= rest;
  const lowest = location & -location;
  return gray & 1 ? gray + 1 - lowest : gray + lowest;
}

function reversed(i: number, bits: number): number {
  return Number.parseInt(i.toString(2).padStart(bits, "0").split("").reverse().join(""), 2);
}

/** A tensor of the reference of an operation that was altered. */
const tensorOf = (operation: Operation, x: Int16Array, tensor: TensorName) =>
  perform(operation, [x])[tensor] ?? new Int16Array();

const HALVING: Edit = ["half_if.v", "{a_i[15], a_i[15:1]}", "{a_i[15], a_i[15:1]} + {15'd0, a_i[0]}"];
const MULR: Edit = ["mulr.v", "32'sd16384", "32'sd0"];
const REQUANT: Edit = ["requant.v", "{32'd0, shifted[0]}", "33'd0"];
const SUMS: readonly Edit[] = [
  ["add_sat.v", "(sum[16] == sum[15]) ? sum[15:0] : {sum[16], {15{~sum[16]}}}", "sum[15:0]"],
  ["sub_sat.v", "(difference[16] == difference[15]) ? difference[15:0]", "1'b1 ? difference[15:0]"],
];
const WRAPPED: Edit = ["requant.v", "fits ?", "1'b1 ?"];
const SINES: readonly Edit[] = [
  ["transform.v", ".sine_i(sine)", ".sine_i(-sine)"],
  ["butterfly.v", "{1'b0, sine_up[15:1]}", "{sine_up[15], sine_up[15:1]}"],
];
const PRODUCT_SUMS: readonly Edit[] = [
  [
    "butterfly.v",
    "turned_re_q <= re_difference;\n      turned_im_q <= im_sum;",
    "turned_re_q <= re_sum;\n // \n turned_im_q <= im_difference;",
  ],
  [
    "butterfly.v",
    "turned_re_q <= re_sum;\n      turned_im_q <= im_difference;",
    "turned_re_q <= re_difference;\n      turned_im_q <= im_sum;",
  ],
];
const QUARTER: Edit = [
  "butterfly.v",
  "sub_sat u_negated (.a_i(16'sd0), .b_i(inverse_i ? middle_im : y_im), .y_o(negated));",
  "assign negated = inverse_i ? middle_im : y_im;",
];

describe("the doctor of dumps names what was edited in the Verilog", () => {
  it.each<[string, readonly Edit[], string, readonly (readonly [Operation, TensorName])[]]>([
    [
      "rounding of twiddle products",
      [MULR],
      "truncation-twiddles",
      [
        [DENSE, "spectra"],
        [CONV, "outputs"],
      ],
    ],
    [
      "rounding of accumulators",
      [REQUANT],
      "truncation-requantisation",
      [
        [DENSE, "products"],
        [CONV, "outputs"],
      ],
    ],
    [
      "every rounding",
      [MULR, REQUANT],
      "truncation",
      [
        [DENSE, "outputs"],
        [CONV, "transforms"],
      ],
    ],
    ["saturation of all", [...SUMS, WRAPPED], "wrap", [[LOUD, "outputs"]]],
    ["saturation of sums in the transforms", SUMS, "wrap-transforms", [[LOUD, "spectra"]]],
    ["saturation of accumulators", [WRAPPED], "wrap-requantisation", [[LOUD, "products"]]],
    [
      "halving",
      [HALVING],
      "halving-rounded",
      [
        [DENSE, "spectra"],
        [CONV, "outputs"],
      ],
    ],
    [
      "sign of sines",
      SINES,
      "sines-negated",
      [
        [DENSE, "outputs"],
        [CONV, "products"],
      ],
    ],
    [
      "sign of twiddles",
      [...SINES, QUARTER],
      "twiddles-conjugated",
      [
        [DENSE, "outputs"],
        [CONV, "outputs"],
      ],
    ],
    [
      "sums of products",
      PRODUCT_SUMS,
      "product-sums-exchanged",
      [
        [DENSE, "outputs"],
        [CONV, "spectra"],
      ],
    ],
    [
      "direction",
      [...PRODUCT_SUMS, QUARTER],
      "turn-reversed",
      [
        [DENSE, "spectra"],
        [CONV, "outputs"],
      ],
    ],
    [
      "bias",
      [["finish.v", "has_bias_i ?", "1'b0 ?"]],
      "bias-missing",
      [
        [DENSE, "outputs"],
        [CONV, "outputs"],
      ],
    ],
    ["rounding and halving", [MULR, REQUANT, HALVING], "truncation + halving-rounded", [[DENSE, "outputs"]]],
  ])("%s", async (_, edits, name, places) => {
    for (const [operation, tensor] of places) {
      const x = wordsFor(operation, operation === LOUD ? 1 : 4);
      const words = (await editedTrace(operation, x, edits))[tensor] ?? new Int16Array();
      expect(await namesIn(subjectOf(operation, x, tensor), hexDump(words)), `${operation.op}, ${tensor}`).toContain(
        name,
      );
    }
  });

  it("says that a dump of the datapath as it is is equal", async () => {
    const x = wordsFor(CONV, 4);
    const trace = await editedTrace(CONV, x, []);
    for (const tensor of ["spectra", "accumulators", "products", "transforms", "outputs"] as const) {
      const dump = hexDump(trace[tensor] ?? [], tensor === "accumulators" ? 32 : 16);
      const diagnosis = await diagnoseText(subjectOf(CONV, x, tensor), dump);
      expect(diagnosis, tensor).toMatchObject({ differing: 0, explanations: [] });
      expect(diagnosis.first).toBeUndefined();
    }
  });
});

/** Weight spectra with each block, tap by tap, put through a function of its words. */
function blocksOf<O extends Dense | Conv2d>(operation: O, change: (block: Int16Array) => ArrayLike<number>): O {
  const weights = operation.weights.slice();
  for (let at = 0; at < weights.length; at += operation.k) {
    weights.set(change(operation.weights.slice(at, at + operation.k)), at);
  }
  return { ...operation, weights };
}

/** Sums of products that were requantised one by one. */
function requantisedSums(operation: Dense, x: Int16Array): Int16Array {
  const { k, shift, weights, out } = operation;
  const { spectra } = perform(operation, [x]);
  const [p, q] = [Math.ceil(out / k), Math.ceil(operation.in / k)];
  const sums = new Int16Array(p * k);
  const X = (j: number, n: number) => spectra?.[j * k + n] ?? 0;
  for (let i = 0; i < p; i++) {
    const W = (j: number, n: number) => weights[(i * q + j) * k + n];
    for (let n = 0; n <= k / 2; n++) {
      let [re, im] = [0, 0];
      for (let j = 0; j < q; j++) {
        if (n % (k / 2) === 0) re += requant(X(j, n) * W(j, n), shift);
        else {
          re += requant(X(j, n) * W(j, n) - X(j, k - n) * W(j, k - n), shift);
          im += requant(X(j, n) * W(j, k - n) + X(j, k - n) * W(j, n), shift);
        }
      }
      sums[i * k + n] = Math.min(32767, Math.max(-32768, re));
      if (n % (k / 2) !== 0) sums[i * k + k - n] = Math.min(32767, Math.max(-32768, im));
    }
  }
  return sums;
}

describe("the doctor of dumps names another choice of", () => {
  const bitsOf = (schedule: number, bits: number) => reversed(schedule, bits);
  it.each<[string, Dense | Conv2d, (operation: Dense | Conv2d) => Dense | Conv2d]>([
    ["schedule-reversed", DENSE, (it) => ({ ...it, forward: bitsOf(it.forward, 5), inverse: bitsOf(it.inverse, 5) })],
    ["schedule-reversed", CONV, (it) => ({ ...it, forward: bitsOf(it.forward, 4), inverse: bitsOf(it.inverse, 4) })],
    ["schedules-exchanged", DENSE, (it) => ({ ...it, forward: it.inverse, inverse: it.forward })],
    ["activation-missing", DENSE, (it) => ({ ...it, activation: { kind: "identity" } })],
    ["activation-missing", CONV, (it) => ({ ...it, activation: { kind: "identity" } })],
    ["shift-one-more", DENSE, (it) => ({ ...it, shift: it.shift + 1 })],
    ["shift-one-less", CONV, (it) => ({ ...it, shift: it.shift - 1 })],
    ["blocks-transposed", DENSE, (it) => blocksOf(it, (w) => w.map((v, n) => (n > it.k / 2 ? -v : v)))],
    ["blocks-transposed", CONV, (it) => blocksOf(it, (w) => w.map((v, n) => (n > it.k / 2 ? -v : v)))],
    [
      "weight-parts-exchanged",
      DENSE,
      (it) => blocksOf(it, (w) => w.map((_, n) => w[n === 0 ? 16 : n === 16 ? 0 : it.k - n])),
    ],
    [
      "weights-natural-bins",
      CONV,
      (it) =>
        blocksOf(it, (w) => {
          const put = w.slice();
          for (let location = 1; location < 8; location++) {
            put[binAt(location)] = w[location];
            put[16 - binAt(location)] = w[16 - location];
          }
          return put;
        }),
    ],
    [
      "taps-reversed",
      CONV,
      (it) => {
        const size = it.weights.length / 9;
        const weights = it.weights.slice();
        for (let tap = 0; tap < 9; tap++) weights.set(it.weights.slice((8 - tap) * size, (9 - tap) * size), tap * size);
        return { ...it, weights };
      },
    ],
    [
      "taps-transposed",
      CONV,
      (it) => {
        const size = it.weights.length / 9;
        const order = [0, 3, 6, 1, 4, 7, 2, 5, 8];
        const weights = it.weights.slice();
        order.forEach((from, tap) => {
          weights.set(it.weights.slice(from * size, (from + 1) * size), tap * size);
        });
        return { ...it, weights };
      },
    ],
    [
      "grid-transposed",
      DENSE,
      (it) => {
        const weights = it.weights.slice();
        for (let i = 0; i < 2; i++) {
          for (let j = 0; j < 3; j++) {
            weights.set(it.weights.slice((j * 2 + i) * 32, (j * 2 + i + 1) * 32), (i * 3 + j) * 32);
          }
        }
        return { ...it, weights };
      },
    ],
  ])("%s (%#)", async (name, operation, change) => {
    const x = wordsFor(operation, 4);
    const dump = hexDump(tensorOf(change(operation), x, "outputs"));
    expect(await namesIn(subjectOf(operation, x, "outputs"), dump)).toContain(name);
  });

  it("requantised-before-sum", async () => {
    const x = wordsFor(DENSE, 4);
    expect(await namesIn(subjectOf(DENSE, x, "products"), hexDump(requantisedSums(DENSE, x)))).toContain(
      "requantised-before-sum",
    );
  });

  it("half-even", async () => {
    const operation = { ...DENSE, shift: 1, weights: randomWords(DENSE.weights.length, "small", random) };
    const x = wordsFor(operation, 2048);
    const even = (acc: number) => {
      const scaled = acc / 2;
      const near = Math.round(scaled);
      const word = Math.abs(scaled % 1) === 0.5 ? 2 * Math.round(scaled / 2) : near;
      return Math.min(32767, Math.max(-32768, word));
    };
    const products = Array.from(tensorOf(operation, x, "accumulators"), even);
    expect(await namesIn(subjectOf(operation, x, "products"), hexDump(products))).toContain("half-even");
  });

  it("the schedule of a bare transform, its order and its direction", async () => {
    const x = randomWords(64, "uniform", random);
    const [schedule, other] = [0b000111, 0b111000];
    const step = { k: 64, blocks: 1, schedule };
    const forward = subjectOf({ op: "rfft", ...step }, x, "outputs");
    const inverse = subjectOf({ op: "irfft", ...step }, x, "outputs");
    expect(await namesIn(forward, hexDump(rfft(x, other)))).toContain("schedule-reversed");
    expect(await namesIn(inverse, hexDump(irfft(x, other)))).toContain("schedule-reversed");
    const turned = x.map((_, i) => x[reversed(i, 6)]);
    expect(await namesIn(forward, hexDump(rfft(turned, schedule)))).toContain("bit-reversal-missing");
    const y = irfft(x, schedule);
    const names = await namesIn(inverse, hexDump(y.map((_, i) => y[reversed(i, 6)])));
    expect(names).toEqual(expect.arrayContaining(["bit-reversal-missing", "bit-reversed"]));
    const trace = await editedTrace({ op: "rfft", ...step }, x, [...SINES, QUARTER]);
    expect(await namesIn(forward, hexDump(trace.outputs))).toContain("twiddles-conjugated");
  });
});

describe("the doctor of dumps names another order or form of right words", () => {
  const x = wordsFor(DENSE, 4);
  const [spectra, outputs] = [tensorOf(DENSE, x, "spectra"), tensorOf(DENSE, x, "outputs")];
  const signed = tensorOf({ ...DENSE, activation: { kind: "identity" } }, x, "outputs");
  const identity: Dense = { ...DENSE, activation: { kind: "identity" } };
  const complex = (bins: (block: Int16Array) => readonly (readonly [number, number])[]) =>
    [0, 32, 64].flatMap((at) => bins(Int16Array.from(spectra.subarray(at, at + 32))).flat());
  const packed = (w: Int16Array) => Array.from({ length: 16 }, (_, n) => [w[n], w[n === 0 ? 16 : 32 - n]] as const);
  const beats = (words: ArrayLike<number>) =>
    Array.from({ length: words.length / 2 }, (_, i) =>
      hexDump([words[2 * i + 1], words[2 * i]]).replace("\n", ""),
    ).join("");

  it.each<[string, () => ArrayLike<number>, TensorName, Dense?]>([
    ["location-order", () => complex((w) => packed(w).map((_, n) => packed(w)[binAt(n)])), "spectra"],
    ["interleaved", () => complex(packed), "spectra"],
    ["interleaved-imaginary-first", () => complex((w) => packed(w).map(([re, im]) => [im, re])), "spectra"],
    [
      "interleaved-half",
      () => complex((w) => Array.from({ length: 17 }, (_, n) => [w[n], n % 16 === 0 ? 0 : w[32 - n]])),
      "spectra",
    ],
    ["bit-reversed", () => spectra.map((_, i) => spectra[(i & ~31) + reversed(i & 31, 5)]), "spectra"],
    ["conjugated", () => spectra.map((v, i) => (i % 32 > 16 ? -v : v)), "spectra"],
    ["byte-swapped", () => outputs.map((v) => ((v & 0xff) << 8) | ((v >> 8) & 0xff)), "outputs"],
    ["offset-binary", () => signed.map((v) => v + 32768), "outputs", identity],
    ["other-format -3", () => signed.map((v) => v >> 3), "outputs", identity],
    ["other-format 2", () => signed.map((v) => v << 2), "outputs", identity],
    ["shifted 7", () => outputs.slice(7), "outputs"],
    ["shifted -3", () => [1, 2, 3, ...outputs], "outputs"],
    ["shifted 1", () => [...outputs.slice(1), 99], "outputs"],
    ["beat-reversed 2", () => outputs.map((_, i) => outputs[i ^ 1]), "outputs"],
    [
      "beat-reversed 2 + byte-swapped",
      () => outputs.map((_, i) => (outputs[i ^ 1] << 8) | ((outputs[i ^ 1] >> 8) & 255)),
      "outputs",
    ],
  ])("%s", async (name, make, tensor, operation = DENSE) => {
    const names = await namesIn(subjectOf(operation, x, tensor), hexDump(make()));
    const [first, second] = name.split(" + ");
    const found = names.map((it) => it.split(" + "));
    const isFound = found.some((it) => it.includes(first) && (second === undefined || it.includes(second)));
    expect(isFound, names.join("; ")).toBe(true);
  });

  it("beats of a stream with the words of each exchanged", async () => {
    const turned = outputs.map((_, i) => outputs[i ^ 1]);
    expect(await diagnoseText(subjectOf(DENSE, x, "outputs"), beats(outputs))).toMatchObject({ differing: 0 });
    expect(await namesIn(subjectOf(DENSE, x, "outputs"), beats(turned))).toContain("beat-reversed 2");
  });

  it("pictures channel after channel, or with the words past each pixel", async () => {
    const picture = wordsFor(CONV, 4);
    const y = tensorOf(CONV, picture, "outputs");
    const kept = Array.from({ length: 20 }, (_, i) => [...y.slice(28 * i, 28 * i + 28), i, 2, 3, 4]);
    expect(await namesIn(subjectOf(CONV, picture, "outputs"), hexDump(kept.flat()))).toContain("padding-kept");
    const first = y.map((_, i) => y[(i % 20) * 28 + Math.floor(i / 20)]);
    expect(await namesIn(subjectOf(CONV, picture, "outputs"), hexDump(first))).toContain("channels-first");
  });

  it("and is content with one that it was told of", async () => {
    const subject = subjectOf(DENSE, x, "spectra");
    const dump = hexDump(complex((w) => packed(w).map((_, n) => packed(w)[binAt(n)])));
    const report = await diagnoseText(subject, dump, ["location-order", "interleaved"]);
    expect(report).toMatchObject({ differing: 0, words: 96 });
  });
});

describe("the doctor of dumps names nothing", () => {
  const x = wordsFor(DENSE, 4);
  const outputs = tensorOf(DENSE, x, "outputs");

  it.each(["uniform", "small", "edges", "mixed"] as const)("for random words, %s", async (draw) => {
    for (const tensor of ["outputs", "spectra", "transforms", "accumulators"] as const) {
      const length = tensorOf(DENSE, x, tensor).length;
      for (let round = 0; round < 2; round++) {
        const words = randomWords(length, draw, random);
        const bits = tensor === "accumulators" ? 32 : 16;
        const { explanations, undecided } = await diagnoseText(subjectOf(DENSE, x, tensor), hexDump(words, bits));
        expect(explanations.map(({ conventions }) => conventions)).toEqual([]);
        expect(undecided).toEqual([]);
      }
    }
  });

  it("for random words of which most are zero, as after relu", async () => {
    for (let round = 0; round < 4; round++) {
      const words = randomWords(outputs.length, "uniform", random).map((word) => (random(3) === 0 ? word & 0x7fff : 0));
      const { explanations } = await diagnoseText(subjectOf(DENSE, x, "outputs"), hexDump(words));
      expect(explanations.map(({ conventions }) => conventions)).toEqual([]);
    }
  });

  it("for one wrong word, and for words that are off by one at random", async () => {
    const one = outputs.map((word, i) => (i === 20 ? word + 1 : word));
    const { first, differing, explanations } = await diagnoseText(subjectOf(DENSE, x, "outputs"), hexDump(one));
    expect({ first, differing, explanations }).toEqual({
      first: { at: 20, expected: outputs[20], actual: outputs[20] + 1 },
      differing: 1,
      explanations: [],
    });
    for (let round = 0; round < 4; round++) {
      const near = outputs.map((word) => word + random(3) - 1);
      expect((await diagnoseText(subjectOf(DENSE, x, "outputs"), hexDump(near))).explanations).toEqual([]);
    }
  });

  it("but says what would explain too few words to tell", async () => {
    const small: Dense = { ...DENSE, out: 3, weights: DENSE.weights.slice(0, 96), bias: DENSE.bias.slice(0, 3) };
    const biasless = tensorOf({ ...small, bias: new Int16Array(3) }, x, "outputs");
    const { explanations, undecided } = await diagnoseText(subjectOf(small, x, "outputs"), hexDump(biasless));
    expect(explanations).toEqual([]);
    expect(
      undecided
        .flatMap(({ conventions, alike }) => [conventions, ...alike])
        .flat()
        .map(({ name }) => name),
    ).toContain("bias-missing");
  });
});

describe("the doctor of dumps", () => {
  it("names a convention that explains most words, with its share, beside another fault", async () => {
    const x = wordsFor(CONV, 4);
    const { outputs } = await editedTrace(CONV, x, [["finish.v", "has_bias_i ?", "1'b0 ?"]]);
    const spoiled = outputs.map((word, i) => (i % 17 === 0 ? word ^ 64 : word));
    const { explanations, differing } = await diagnoseText(subjectOf(CONV, x, "outputs"), hexDump(spoiled));
    expect(explanations[0]).toMatchObject({ conventions: [{ name: "bias-missing" }], isWhole: false });
    expect(explanations[0].explained).toBeLessThan(differing);
    expect(explanations[0].equal).toBe(560 - Math.ceil(560 / 17));
  });
});
