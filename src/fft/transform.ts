import { add, half, mulr, rshr, sub } from "../fixed/arithmetic.ts";
import { bitReverse, log2BlockSize } from "./order.ts";
import { isScaled, type Schedule } from "./schedule.ts";
import { cosine, sine } from "./twiddles.ts";

/** Called after each stage with the words of the block as they stand; they may be copied, not kept. */
export type StageObserver = (stage: number, words: Int16Array) => void;

/**
 * Forward transform of one real block.
 *
 * @param x        k words, natural order
 * @param schedule which stages are halved; each divides the spectrum by 2
 * @returns the spectrum, k words, halfcomplex
 * @see docs/arithmetic.md, section 5
 */
export function rfft(x: Int16Array, schedule: Schedule, observe?: StageObserver): Int16Array {
  const stages = log2BlockSize(x.length);
  const a = x.map((_, i) => x[bitReverse(i, stages)]);
  for (let stage = 1; stage <= stages; stage++) {
    forwardStage(a, stage, isScaled(schedule, stage));
    observe?.(stage, a);
  }
  return a;
}

/**
 * Inverse transform of one halfcomplex spectrum, unnormalised: k times the inverse DFT unless stages are halved.
 *
 * @param spectrum k words, halfcomplex
 * @returns k words, natural order
 * @see docs/arithmetic.md, section 6
 */
export function irfft(spectrum: Int16Array, schedule: Schedule, observe?: StageObserver): Int16Array {
  const stages = log2BlockSize(spectrum.length);
  const a = spectrum.slice();
  for (let stage = stages; stage >= 1; stage--) {
    inverseStage(a, stage, isScaled(schedule, stage));
    observe?.(stage, a);
  }
  return a.map((_, i) => a[bitReverse(i, stages)]);
}

function forwardStage(a: Int16Array, stage: number, scaled: boolean): void {
  const M = 1 << stage;
  const H = M / 2;
  const Q = M / 4;
  const e = (v: number) => (scaled ? half(v) : v);
  const twiddle = (v: number) => (scaled ? rshr(v, 1) : v);
  for (let b = 0; b < a.length; b += M) {
    const u = e(a[b]);
    const v = e(a[b + H]);
    a[b] = add(u, v);
    a[b + H] = sub(u, v);
    if (M >= 4) {
      a[b + Q] = e(a[b + Q]);
      a[b + H + Q] = sub(0, e(a[b + H + Q]));
    }
    for (let i = 1; i < Q; i++) {
      const c = twiddle(cosine(M, i));
      const s = twiddle(sine(M, i));
      const er = e(a[b + i]);
      const ei = e(a[b + H - i]);
      const or = a[b + H + i];
      const oi = a[b + M - i];
      const tr = add(mulr(or, c), mulr(oi, s));
      const ti = sub(mulr(oi, c), mulr(or, s));
      a[b + i] = add(er, tr);
      a[b + M - i] = add(ei, ti);
      a[b + H - i] = sub(er, tr);
      a[b + H + i] = sub(ti, ei);
    }
  }
}

function inverseStage(a: Int16Array, stage: number, scaled: boolean): void {
  const M = 1 << stage;
  const H = M / 2;
  const Q = M / 4;
  const h = (v: number) => (scaled ? half(v) : v);
  for (let b = 0; b < a.length; b += M) {
    const u = h(a[b]);
    const v = h(a[b + H]);
    a[b] = add(u, v);
    a[b + H] = sub(u, v);
    if (M >= 4) {
      const r = a[b + Q];
      const m = a[b + H + Q];
      a[b + Q] = scaled ? r : add(r, r);
      a[b + H + Q] = sub(0, scaled ? m : add(m, m));
    }
    for (let i = 1; i < Q; i++) {
      const c = cosine(M, i);
      const s = sine(M, i);
      const ar = h(a[b + i]);
      const ai = h(a[b + M - i]);
      const br = h(a[b + H - i]);
      const bi = h(a[b + H + i]);
      const dr = sub(ar, br);
      const di = add(ai, bi);
      a[b + i] = add(ar, br);
      a[b + H - i] = sub(ai, bi);
      a[b + H + i] = sub(mulr(dr, c), mulr(di, s));
      a[b + M - i] = add(mulr(di, c), mulr(dr, s));
    }
  }
}
