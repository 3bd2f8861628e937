import { irfft } from "../../../src/fft/transform.ts";
import { add, half, sub } from "../../../src/fixed/arithmetic.ts";
import { activate } from "../../../src/layers/activation.ts";
import { align } from "../../../src/layers/sum.ts";
import { type Random, randomWords } from "../../contract/random.ts";
import type { ModuleBench, Row, Values } from "./bench.ts";
import { compareTransactions, cutRun, pair, type Transaction, transactions, u16, u32 } from "./drivers.ts";
import { streamed, word } from "./primitives.ts";
import { locationsOf } from "./walks.ts";

/** The streams, what fills and empties memories, and what calculates on the way. */
export function unitBenches(random: Random): ModuleBench[] {
  return [
    ...Array.from({ length: 3 }, () => receiveBench(random)),
    ...[1, 5, 40].map((words) => transmitBench(words, random)),
    ...[0, 1, 3, 5].flatMap((log2K) =>
      [0, 1].flatMap((spectra) => [loadBench(log2K, spectra === 1, random), unloadBench(log2K, spectra === 1, random)]),
    ),
    ...[1, 7, 40].map((words) => sumBench(words, random)),
    ...[0, 1].map((useTable) => finishBench(useTable === 1, random)),
    ...[0, 1].map((inverse) => butterflyBench(inverse === 1, random)),
    ...[0, 1].map((inverse) => transformBench(inverse === 1, random)),
    laneBench(random),
  ];
}

/** Vectors with pauses; a tlast too early drops what came, one that is missing is passed over; a reset in the middle. */
function receiveBench(random: Random): ModuleBench {
  const [words, base] = [1 + random(6), random(50)];
  const stimulus: Values[] = [{ rst_i: 1, base_i: base, words_i: words, start_i: 0 }, { rst_i: 0 }];
  const expected: Values[] = [{}, {}];
  // What the unit must show now; writes come a cycle after their beat.
  let [ready, count, missing, unexpected] = [0, 0, 0, 0];
  let write: Values = { write_o: 0 };
  while (stimulus.length < 500) {
    const rst_i = random(120) === 0 ? 1 : 0;
    const start_i = ready === 0 && write.write_o === 0 && random(3) === 0 ? 1 : 0;
    const [s_axis_tvalid, s_axis_tdata] = [random(3) > 0 ? 1 : 0, random(65536)];
    const isLast = count === words - 1;
    const s_axis_tlast = (random(12) === 0) !== isLast ? 1 : 0;
    stimulus.push({ rst_i, start_i, s_axis_tvalid, s_axis_tdata, s_axis_tlast });
    const busy = ready === 1 || write.write_o === 1 ? 1 : 0;
    expected.push({
      ...write,
      s_axis_tready: ready,
      busy_o: busy,
      tlast_missing_o: missing,
      tlast_unexpected_o: unexpected,
    });
    const beat = ready === 1 && s_axis_tvalid === 1;
    write = beat ? { write_o: 1, address_o: base + count, data_o: s_axis_tdata } : { write_o: 0 };
    if (start_i) [ready, count] = [1, 0];
    else if (beat) {
      if (isLast && !s_axis_tlast) missing = 1;
      if (!isLast && s_axis_tlast) unexpected = 1;
      if (isLast) ready = 0;
      count = !isLast && s_axis_tlast ? 0 : count + 1;
    }
    if (rst_i) {
      [ready, count, missing, unexpected] = [0, 0, 0, 0];
      write = { write_o: 0 };
    }
  }
  return { module: "receive", parameters: { ADDRESS_WIDTH: 8 }, stimulus, expected: [{}, {}, ...expected.slice(2)] };
}

/** Random readiness: every word once, in order, held until it is taken, tlast on the last; cut by a reset and sent anew. */
function transmitBench(words: number, random: Random): ModuleBench {
  const memory = Array.from({ length: 64 }, () => random(65536));
  const base = random(64 - words);
  const ready: number[] = [];
  const { stimulus, first, second } = cutRun(
    { base_i: base, words_i: words },
    3 + random(2 * words),
    12 * words + 40,
    (cycle) => {
      ready[cycle] = random(3) === 0 ? 1 : 0;
      return { m_axis_tready: ready[cycle] };
    },
  );
  const expected = Array.from({ length: words }, (_, i) => [memory[base + i], i === words - 1 ? 1 : 0]);
  return {
    module: "transmit",
    parameters: { ADDRESS_WIDTH: 6 },
    stimulus,
    reads: [{ address: "address_o", data: "data_i", words: memory }],
    scoreboard(rows) {
      const taken = rows.map((row, i): Row => ({ ...row, taken: row.m_axis_tvalid & BigInt(ready[i] ?? 0) }));
      const ports = ["m_axis_tdata", "m_axis_tlast"];
      for (const [i, row] of rows.entries()) {
        const isHeld = i > 0 && rows[i - 1].m_axis_tvalid === 1n && !ready[i - 1] && i !== second[0];
        if (isHeld && (row.m_axis_tvalid === 0n || row.m_axis_tdata !== rows[i - 1].m_axis_tdata))
          return `cycle ${i}: a word is not held`;
      }
      if (rows.at(-1)?.busy_o !== 0n) return "busy at the end";
      return (
        compareTransactions(transactions(taken, ["taken"], ports, first), expected, true) ??
        compareTransactions(transactions(taken, ["taken"], ports, second), expected)
      );
    },
  };
}

/** Blocks of rows of words, the last of a row not whole: what stands at each location. */
function loadBench(log2K: number, spectra: boolean, random: Random): ModuleBench {
  const k = 2 ** log2K;
  const [rows, blocks, base, scaled] = [1 + random(2), 1 + random(3), random(40), random(2)];
  const words = (blocks - 1) * k + 1 + random(k);
  const memory = Array.from({ length: 512 }, () => word(random));
  const walk = locationsOf(log2K, rows, blocks, words, base, spectra);
  const at = (it: (typeof walk)[number], n: number) => (it.inside(n) ? memory[it.address(n)] : 0);
  const expected: Transaction[] = [];
  walk.forEach((it, i) => {
    if (k === 1) expected.push([it.location, u16(at(it, it.a))]);
    else if (spectra && it.second) expected.push([it.location, pair(at(walk[i - 1], walk[i - 1].a), at(it, it.a))]);
    else if (!spectra) {
      const [a, b] = [at(it, it.a), at(it, it.b)].map((value) => (scaled ? half(value) : value));
      expected.push([it.location, pair(add(a, b), sub(a, b))]);
    }
  });
  const constants = {
    spectra_i: spectra ? 1 : 0,
    log2_k_i: log2K,
    rows_i: rows,
    blocks_i: blocks,
    words_i: words,
    base_i: base,
    scaled_i: scaled,
  };
  const { stimulus, first, second } = cutRun(constants, 3 + random(walk.length + 2), walk.length + 8);
  const reads = ["a", "b"].map((side) => ({
    address: `read_address_${side}_o`,
    data: `data_${side}_i`,
    words: memory,
  }));
  const ports = ["write_address_o", "data_o"];
  return {
    module: "load",
    parameters: { LOG2_K_MAX: 6, ACTIVATION_WIDTH: 9, SPECTRUM_WIDTH: 9 },
    stimulus,
    reads,
    scoreboard: (out) =>
      compareTransactions(transactions(out, ["write_o"], ports, first), expected, true) ??
      compareTransactions(transactions(out, ["write_o"], ports, second), expected) ??
      (out.at(-1)?.busy_o === 0n ? undefined : "busy at the end"),
  };
}

/** The locations of blocks as words of rows: the last stage of the inverse transform, or a spectrum as it stands. */
function unloadBench(log2K: number, spectra: boolean, random: Random): ModuleBench {
  const k = 2 ** log2K;
  const [rows, blocks, base, scaled, productBase] = [1 + random(2), 1 + random(3), random(40), random(2), random(64)];
  const words = (blocks - 1) * k + 1 + random(k);
  const memory = Array.from({ length: 512 }, () => [word(random), word(random)] as const);
  const walk = locationsOf(log2K, rows, blocks, words, base, spectra);
  const expected = walk.map((it): Transaction => {
    const [re, im] = memory[productBase + it.location];
    const [a, b] = scaled ? [half(re), half(im)] : [re, im];
    const isPair = it.b >= 0;
    const left = isPair ? add(a, b) : it.second ? im : re;
    return [isPair ? 1 : 0, it.inside(it.a) ? 1 : 0, it.padded(it.a), it.column(it.a), it.address(it.a), u16(left)];
  });
  const seconds = walk.map((it): Transaction => {
    const [re, im] = memory[productBase + it.location];
    const [a, b] = scaled ? [half(re), half(im)] : [re, im];
    return [it.inside(it.b) ? 1 : 0, it.padded(it.b), it.column(it.b), it.address(it.b), u16(sub(a, b))];
  });
  const constants = {
    spectra_i: spectra ? 1 : 0,
    log2_k_i: log2K,
    rows_i: rows,
    blocks_i: blocks,
    words_i: words,
    base_i: base,
    scaled_i: scaled,
    product_base_i: productBase,
  };
  const { stimulus, first, second } = cutRun(constants, 3 + random(walk.length + 2), walk.length + 8);
  const ports = ["has_b_o", "inside_a_o", "padded_a_o", "column_a_o", "address_a_o", "word_a_o"];
  const others = ["inside_b_o", "padded_b_o", "column_b_o", "address_b_o", "word_b_o"];
  return {
    module: "unload",
    parameters: { LOG2_K_MAX: 6, SPECTRUM_WIDTH: 9 },
    stimulus,
    reads: [{ address: "read_address_o", data: "data_i", words: memory.map(([re, im]) => pair(re, im)) }],
    scoreboard: (out) =>
      compareTransactions(transactions(out, ["valid_o"], ports, first), expected, true) ??
      compareTransactions(transactions(out, ["valid_o"], ports, second), expected) ??
      (k === 1 || spectra ? undefined : compareTransactions(transactions(out, ["valid_o"], others, second), seconds)),
  };
}

function sumBench(words: number, random: Random): ModuleBench {
  const memory = Array.from({ length: 128 }, () => word(random));
  const [a, b] = [random(128 - words), random(128 - words)];
  const [left, right] = [random(31) - 15, random(31) - 15];
  const expected = Array.from({ length: words }, (_, i) => {
    return [i, u16(add(align(memory[a + i], left), align(memory[b + i], right)))];
  });
  const constants = { words_i: words, base_a_i: a, base_b_i: b, shift_a_i: left, shift_b_i: right };
  const { stimulus, first, second } = cutRun(constants, 3 + random(2 * words + 2), 2 * words + 8);
  const ports = ["place_o", "word_o"];
  return {
    module: "sum",
    parameters: {},
    stimulus,
    reads: [{ address: "read_address_o", data: "data_i", words: memory }],
    scoreboard: (out) =>
      compareTransactions(transactions(out, ["valid_o"], ports, first), expected, true) ??
      compareTransactions(transactions(out, ["valid_o"], ports, second), expected) ??
      (out.at(-1)?.busy_o === 0n ? undefined : "busy at the end"),
  };
}

/** Pairs of words at random cycles: bias and activation, what travels beside, latency 5. */
function finishBench(useTable: boolean, random: Random): ModuleBench {
  const bias = [...randomWords(64, "mixed", random)];
  const tables = [0, 1].map(() => randomWords(257, "mixed", random));
  const tableWords = tables.flatMap((table) => [...table, ...Array.from({ length: 255 }, () => 0)]);
  const [hasBias, base, table, lo, hi] = [useTable ? 1 : random(2), random(32), random(2), -20000, 15000];
  const kind = useTable ? ({ kind: "table", table: tables[table] } as const) : ({ kind: "clip", lo, hi } as const);
  const finished = (value: number, column: number) => activate(kind, hasBias ? add(value, bias[base + column]) : value);
  const draw = () => ({
    valid_a_i: random(2),
    valid_b_i: random(2),
    inside_a_i: random(2),
    inside_b_i: random(2),
    padded_a_i: random(2 ** 24),
    padded_b_i: random(2 ** 24),
    column_a_i: random(32),
    column_b_i: random(32),
    address_a_i: random(2 ** 24),
    address_b_i: random(2 ** 24),
    word_a_i: word(random),
    word_b_i: word(random),
  });
  const bench = streamed("finish", { BIAS_WIDTH: 6, TABLE_WIDTH: 1 }, 5, draw, (it) => ({
    valid_a_o: it.valid_a_i,
    valid_b_o: it.valid_b_i,
    write_a_o: it.valid_a_i & it.inside_a_i,
    write_b_o: it.valid_b_i & it.inside_b_i,
    padded_a_o: it.padded_a_i,
    padded_b_o: it.padded_b_i,
    address_a_o: it.address_a_i,
    address_b_o: it.address_b_i,
    word_a_o: it.word_a_i,
    word_b_o: it.word_b_i,
    data_a_o: finished(it.word_a_i, it.column_a_i),
    data_b_o: finished(it.word_b_i, it.column_b_i),
  }));
  const constants = {
    rst_i: 0,
    has_bias_i: hasBias,
    bias_base_i: base,
    lo_i: lo,
    hi_i: hi,
    use_table_i: useTable ? 1 : 0,
    table_i: table,
  };
  const [first, ...rest] = bench.stimulus;
  return {
    ...bench,
    stimulus: [{ ...first, ...constants }, ...rest],
    contents: [
      { path: "u_bias.mem", width: 16, words: bias },
      ...["a", "b"].map((side) => ({ path: `u_activation_${side}.u_table.mem`, width: 16, words: tableWords })),
    ],
  };
}

/** A butterfly of the last stage of a block: the reference's transform of that block says what it makes. */
function butterflyBench(isInverse: boolean, random: Random): ModuleBench {
  const draw = () => ({
    inverse_i: isInverse ? 1 : 0,
    scaled_i: random(2),
    first_i: random(4) === 0 ? 1 : 0,
    cosine_i: [1 + random(32767), 32767, 1][random(3)],
    sine_i: [1 + random(32767), 32767, 1][random(3)],
    x_re_i: word(random),
    x_im_i: word(random),
    y_re_i: word(random),
    y_im_i: word(random),
  });
  return streamed("butterfly", {}, 4, draw, (it) => {
    const [xRe, xIm, yRe, yIm] = butterfly(it, isInverse);
    return { x_re_o: xRe, x_im_o: xIm, y_re_o: yRe, y_im_o: yIm };
  });
}

/** The lines of docs/arithmetic.md, sections 5 and 6, for one i. */
function butterfly(it: Readonly<Record<string, number>>, isInverse: boolean): number[] {
  const scaled = it.scaled_i === 1;
  const h = (value: number) => (scaled ? half(value) : value);
  const product = (a: number, b: number) => Math.min(32767, Math.floor((a * b + 16384) / 32768));
  const [xRe, xIm, yRe, yIm] = [it.x_re_i, it.x_im_i, it.y_re_i, it.y_im_i];
  if (isInverse && it.first_i) {
    const [r, m] = scaled ? [yRe, yIm] : [add(yRe, yRe), add(yIm, yIm)];
    return [add(h(xRe), h(xIm)), r, sub(h(xRe), h(xIm)), sub(0, m)];
  }
  if (it.first_i) return [add(h(xRe), h(yRe)), sub(h(xRe), h(yRe)), h(xIm), sub(0, h(yIm))];
  if (isInverse) {
    const [dr, di] = [sub(h(xRe), h(yRe)), add(h(xIm), h(yIm))];
    const [c, s] = [it.cosine_i, it.sine_i];
    return [
      add(h(xRe), h(yRe)),
      sub(h(xIm), h(yIm)),
      sub(product(dr, c), product(di, s)),
      add(product(di, c), product(dr, s)),
    ];
  }
  const [c, s] = [it.cosine_i, it.sine_i].map((value) => (scaled ? (value + 1) >> 1 : value));
  const tr = add(product(yRe, c), product(yIm, s));
  const ti = sub(product(yIm, c), product(yRe, s));
  return [add(h(xRe), tr), add(h(xIm), ti), sub(h(xRe), tr), sub(ti, h(xIm))];
}

/** Blocks of four words have one stage in the unit: it leaves their spectra, or what the last stage takes. */
function transformBench(isInverse: boolean, random: Random): ModuleBench {
  const [blocks, schedule, base] = [1 + random(12), random(4), random(8)];
  const memory = Array.from({ length: 64 }, () => [word(random), word(random)] as const);
  const stages = (block: number): readonly number[] => {
    const [[a, b], [c, d]] = [memory[base + 2 * block], memory[base + 2 * block + 1]];
    let after: readonly number[] = [];
    const keep = (stage: number, words: Int16Array) => {
      if (stage === 2) after = [...words];
    };
    // The forward stage 1 of (x0, x2, x1, x3) would have made a, b, c, d of the halfcomplex pairs: it is undone by name.
    if (isInverse) irfft(Int16Array.of(a, c, b, d), schedule & 2, keep);
    else return secondStage(a, b, c, d, (schedule & 2) === 2);
    return after;
  };
  const expected = Array.from({ length: blocks }, (_, i): Transaction => {
    const [w0, w1, w2, w3] = stages(i);
    const [first, second] = isInverse ? [pair(w0, w1), pair(w2, w3)] : [pair(w0, w2), pair(w1, w3)];
    return [base + 2 * i, base + 2 * i + 1, first, second];
  });
  const constants = {
    inverse_i: isInverse ? 1 : 0,
    log2_k_i: 2,
    locations_i: 2 * blocks,
    schedule_i: schedule,
    base_i: base,
  };
  const { stimulus, first, second } = cutRun(constants, 3 + random(blocks + 6), blocks + 16);
  const ports = ["write_address_a_o", "write_address_b_o", "data_a_o", "data_b_o"];
  const words = memory.map(([re, im]) => pair(re, im));
  return {
    module: "transform",
    parameters: { LOG2_K_MAX: 4, SPECTRUM_WIDTH: 6 },
    stimulus,
    reads: ["a", "b"].map((side) => ({ address: `read_address_${side}_o`, data: `data_${side}_i`, words })),
    scoreboard: (out) =>
      compareTransactions(transactions(out, ["write_o"], ports, first), expected, true) ??
      compareTransactions(transactions(out, ["write_o"], ports, second), expected) ??
      (out.at(-1)?.busy_o === 0n ? undefined : "busy at the end"),
  };
}

/** Stage 2 of a block of four, section 5, as halfcomplex words. */
function secondStage(a: number, b: number, c: number, d: number, scaled: boolean): number[] {
  const e = (value: number) => (scaled ? half(value) : value);
  return [add(e(a), e(c)), e(b), sub(e(a), e(c)), sub(0, e(d))];
}

/** Sums of products with pauses, begun anew at random; the two real bins apart. */
function laneBench(random: Random): ModuleBench {
  let [re, im, isKnown] = [0, 0, false];
  const draw = () => ({
    valid_i: random(4) > 0 ? 1 : 0,
    first_i: random(6) === 0 ? 1 : 0,
    real_i: random(4) === 0 ? 1 : 0,
    x_re_i: word(random),
    x_im_i: word(random),
    w_re_i: word(random),
    w_im_i: word(random),
  });
  return streamed("spectral_lane", {}, 2, draw, (it): Values => {
    if (it.valid_i) {
      if (it.first_i) [re, im, isKnown] = [0, 0, true];
      const products = it.real_i
        ? [it.x_re_i * it.w_re_i, it.x_im_i * it.w_im_i]
        : [it.x_re_i * it.w_re_i - it.x_im_i * it.w_im_i, it.x_re_i * it.w_im_i + it.x_im_i * it.w_re_i];
      [re, im] = [(re + products[0]) | 0, (im + products[1]) | 0];
    }
    return isKnown ? { acc_re_o: u32(re), acc_im_o: u32(im) } : {};
  });
}
