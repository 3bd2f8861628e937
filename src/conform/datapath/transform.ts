import { bitReverse, log2BlockSize } from "../../fft/order.ts";
import { isScaled, type Schedule } from "../../fft/schedule.ts";
import { cosine, sine } from "../../fft/twiddles.ts";
import { rshr } from "../../fixed/arithmetic.ts";
import { limiter, shifter } from "./arithmetic.ts";
import type { Datapath, Rotation, ScheduleOrder } from "./choices.ts";

/** Transforms one block; `observe` sees the words after each stage. */
export type BlockTransform = (
  block: Int16Array,
  schedule: Schedule,
  other: Schedule,
  observe?: (stage: number, words: Int16Array) => void,
) => Int16Array;

/** The arithmetic of a butterfly under a datapath's choices. */
interface Butterfly {
  readonly add: (a: number, b: number) => number;
  readonly sub: (a: number, b: number) => number;
  readonly mulr: (a: number, b: number) => number;
  /** Before the sums of a scaled stage. */
  readonly half: (a: number) => number;
  /** The sums of a scaled stage, halved before or after. */
  readonly halfAdd: (a: number, b: number) => number;
  readonly halfSub: (a: number, b: number) => number;
  /** Whether the operands of a scaled stage are halved before its sums. */
  readonly halvesFirst: boolean;
}

function butterflyOf({ products, butterflies, halving }: Datapath): Butterfly {
  const limit = limiter(butterflies);
  const shift = shifter(products);
  const add = (a: number, b: number) => limit(a + b);
  const sub = (a: number, b: number) => limit(a - b);
  const halvesFirst = halving !== "after";
  const half = halving === "rounded" ? (a: number) => limit((a + 1) >> 1) : (a: number) => a >> 1;
  return {
    add,
    sub,
    mulr: (a, b) => limit(shift(a * b, 15)),
    half,
    halfAdd: halvesFirst ? (a, b) => add(half(a), half(b)) : (a, b) => limit((a + b) >> 1),
    halfSub: halvesFirst ? (a, b) => sub(half(a), half(b)) : (a, b) => limit((a - b) >> 1),
    halvesFirst,
  };
}

/** The schedule as a datapath takes it. */
function scheduled(order: ScheduleOrder, schedule: Schedule, other: Schedule, stages: number): Schedule {
  if (order === "other") return other;
  return order === "given" ? schedule : bitReverse(schedule, stages);
}

/** The forward transform of docs/arithmetic.md, section 5, under a datapath's choices. */
export function forwardTransform(datapath: Datapath): BlockTransform {
  const unit = butterflyOf(datapath);
  const { forwardReversal, forwardSchedule, forwardTwiddles } = datapath;
  return (x, schedule, other, observe) => {
    const stages = log2BlockSize(x.length);
    const bits = scheduled(forwardSchedule, schedule, other, stages);
    const a = forwardReversal ? x.map((_, i) => x[bitReverse(i, stages)]) : x.slice();
    for (let stage = 1; stage <= stages; stage++) {
      forwardStage(a, stage, isScaled(bits, stage), unit, forwardTwiddles);
      observe?.(stage, a);
    }
    return a;
  };
}

/** The inverse transform of docs/arithmetic.md, section 6, under a datapath's choices. */
export function inverseTransform(datapath: Datapath): BlockTransform {
  const unit = butterflyOf(datapath);
  const { inverseReversal, inverseSchedule, inverseTwiddles } = datapath;
  return (spectrum, schedule, other, observe) => {
    const stages = log2BlockSize(spectrum.length);
    const bits = scheduled(inverseSchedule, schedule, other, stages);
    const a = spectrum.slice();
    for (let stage = stages; stage >= 1; stage--) {
      inverseStage(a, stage, isScaled(bits, stage), unit, inverseTwiddles);
      observe?.(stage, a);
    }
    return inverseReversal ? a.map((_, i) => a[bitReverse(i, stages)]) : a;
  };
}

/** How products become parts of a turned word, and whether the quarter turn is taken the other way. */
function turnOf({ add, sub }: Butterfly, rotation: Rotation) {
  const isExchanged = rotation === "sums exchanged" || rotation === "conjugated sums";
  return {
    sign: rotation === "sines negated" || rotation === "conjugated" ? -1 : 1,
    rotated: isExchanged ? sub : add,
    rotatedBack: isExchanged ? add : sub,
    turnsBack: rotation === "conjugated" || rotation === "conjugated sums",
  };
}

function forwardStage(a: Int16Array, stage: number, scaled: boolean, unit: Butterfly, rotation: Rotation): void {
  const M = 1 << stage;
  const H = M / 2;
  const Q = M / 4;
  const { mulr, half } = unit;
  const add = scaled ? unit.halfAdd : unit.add;
  const sub = scaled ? unit.halfSub : unit.sub;
  const halved = scaled && unit.halvesFirst;
  const { sign, rotated, rotatedBack, turnsBack } = turnOf(unit, rotation);
  for (let b = 0; b < a.length; b += M) {
    const [u, v] = [a[b], a[b + H]];
    a[b] = add(u, v);
    a[b + H] = sub(u, v);
    if (M >= 4) {
      const e = (word: number) => (scaled ? half(word) : word);
      a[b + Q] = e(a[b + Q]);
      a[b + H + Q] = turnsBack ? e(a[b + H + Q]) : unit.sub(0, e(a[b + H + Q]));
    }
    for (let i = 1; i < Q; i++) {
      const c = halved ? rshr(cosine(M, i), 1) : cosine(M, i);
      const s = halved ? rshr(sign * sine(M, i), 1) : sign * sine(M, i);
      const er = halved ? half(a[b + i]) : a[b + i];
      const ei = halved ? half(a[b + H - i]) : a[b + H - i];
      const or = a[b + H + i];
      const oi = a[b + M - i];
      const tr = rotated(mulr(or, c), mulr(oi, s));
      const ti = rotatedBack(mulr(oi, c), mulr(or, s));
      const [plus, minus] = halved ? [unit.add, unit.sub] : [add, sub];
      a[b + i] = plus(er, tr);
      a[b + M - i] = plus(ei, ti);
      a[b + H - i] = minus(er, tr);
      a[b + H + i] = minus(ti, ei);
    }
  }
}

function inverseStage(a: Int16Array, stage: number, scaled: boolean, unit: Butterfly, rotation: Rotation): void {
  const M = 1 << stage;
  const H = M / 2;
  const Q = M / 4;
  const { mulr } = unit;
  const add = scaled ? unit.halfAdd : unit.add;
  const sub = scaled ? unit.halfSub : unit.sub;
  const { sign, rotated, rotatedBack, turnsBack } = turnOf(unit, rotation);
  for (let b = 0; b < a.length; b += M) {
    const [u, v] = [a[b], a[b + H]];
    a[b] = add(u, v);
    a[b + H] = sub(u, v);
    if (M >= 4) {
      const r = scaled ? a[b + Q] : unit.add(a[b + Q], a[b + Q]);
      const m = scaled ? a[b + H + Q] : unit.add(a[b + H + Q], a[b + H + Q]);
      a[b + Q] = r;
      a[b + H + Q] = turnsBack ? m : unit.sub(0, m);
    }
    for (let i = 1; i < Q; i++) {
      const c = cosine(M, i);
      const s = sign * sine(M, i);
      const [ar, ai, br, bi] = [a[b + i], a[b + M - i], a[b + H - i], a[b + H + i]];
      const dr = sub(ar, br);
      const di = add(ai, bi);
      a[b + i] = add(ar, br);
      a[b + H - i] = sub(ai, bi);
      a[b + H + i] = rotatedBack(mulr(dr, c), mulr(di, s));
      a[b + M - i] = rotated(mulr(di, c), mulr(dr, s));
    }
  }
}
