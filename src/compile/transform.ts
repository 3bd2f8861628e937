import { bitReverse } from "../fft/order.ts";

/** What the transforms of one block size share. */
interface Plan {
  /** Place of word n after bit reversal. */
  readonly order: Int32Array;
  /** cos and sin of 2 pi i / k, 0 <= i < k/2. */
  readonly cosines: Float64Array;
  readonly sines: Float64Array;
  readonly re: Float64Array;
  readonly im: Float64Array;
}

const plans = new Map<number, Plan>();

/**
 * DFT of every real block, unnormalised, in double precision: what the fixed-point transforms approximate.
 *
 * @param x blocks of k values, k a power of two
 * @returns as many values, each block halfcomplex
 */
export function transformBlocks(x: Float64Array, k: number): Float64Array {
  if (k === 1) return x.slice();
  const { order, re, im, ...plan } = planOf(k);
  const spectra = new Float64Array(x.length);
  for (let at = 0; at < x.length; at += k) {
    for (let n = 0; n < k; n++) re[order[n]] = x[at + n];
    im.fill(0);
    fft(re, im, plan.cosines, plan.sines);
    for (let bin = 0; bin <= k / 2; bin++) spectra[at + bin] = re[bin];
    for (let bin = 1; bin < k / 2; bin++) spectra[at + k - bin] = im[bin];
  }
  return spectra;
}

/** The inverse of `transformBlocks`. */
export function inverseBlocks(spectra: Float64Array, k: number): Float64Array {
  if (k === 1) return spectra.slice();
  const { order, re, im, ...plan } = planOf(k);
  const x = new Float64Array(spectra.length);
  for (let at = 0; at < x.length; at += k) {
    for (const bin of [0, k / 2]) {
      re[order[bin]] = spectra[at + bin];
      im[order[bin]] = 0;
    }
    for (let bin = 1; bin < k / 2; bin++) {
      re[order[bin]] = re[order[k - bin]] = spectra[at + bin];
      im[order[bin]] = spectra[at + k - bin];
      im[order[k - bin]] = -spectra[at + k - bin];
    }
    fft(im, re, plan.cosines, plan.sines);
    for (let n = 0; n < k; n++) x[at + n] = re[n] / k;
  }
  return x;
}

function planOf(k: number): Plan {
  const known = plans.get(k);
  if (known) return known;
  const stages = Math.log2(k);
  const order = Int32Array.from({ length: k }, (_, n) => bitReverse(n, stages));
  const table = (of: (angle: number) => number) =>
    Float64Array.from({ length: k / 2 }, (_, i) => of((2 * Math.PI * i) / k));
  const plan = {
    order,
    cosines: table(Math.cos),
    sines: table(Math.sin),
    re: new Float64Array(k),
    im: new Float64Array(k),
  };
  plans.set(k, plan);
  return plan;
}

/** Complex FFT in place of bit-reversed values: radix 2. With re and im swapped it is the unnormalised inverse. */
function fft(re: Float64Array, im: Float64Array, cosines: Float64Array, sines: Float64Array): void {
  const k = re.length;
  for (let M = 2, step = k / 2; M <= k; M *= 2, step /= 2) {
    for (let i = 0; i < M / 2; i++) {
      const c = cosines[i * step];
      const s = sines[i * step];
      for (let even = i; even < k; even += M) {
        const odd = even + M / 2;
        const tr = re[odd] * c + im[odd] * s;
        const ti = im[odd] * c - re[odd] * s;
        re[odd] = re[even] - tr;
        im[odd] = im[even] - ti;
        re[even] += tr;
        im[even] += ti;
      }
    }
  }
}
