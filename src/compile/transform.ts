/**
 * DFT of a real block, unnormalised, in double precision: what the fixed-point transforms approximate.
 *
 * @param x k values, k a power of two
 * @returns k values, halfcomplex
 */
export function transform(x: Float64Array): Float64Array {
  const k = x.length;
  const re = x.slice();
  const im = new Float64Array(k);
  fft(re, im);
  const spectrum = new Float64Array(k);
  for (let bin = 0; bin <= k / 2; bin++) spectrum[bin] = re[bin];
  for (let bin = 1; bin < k / 2; bin++) spectrum[k - bin] = im[bin];
  return spectrum;
}

/** The inverse of `transform`. */
export function inverseTransform(spectrum: Float64Array): Float64Array {
  const k = spectrum.length;
  const re = spectrum.slice();
  const im = new Float64Array(k);
  for (let bin = 1; bin < k / 2; bin++) {
    re[k - bin] = re[bin];
    im[bin] = spectrum[k - bin];
    im[k - bin] = -im[bin];
  }
  fft(im, re);
  return re.map((value) => value / k);
}

/** Applies a function of blocks to each block of k values. */
export function mapBlocks(x: Float64Array, k: number, map: (block: Float64Array) => Float64Array): Float64Array {
  const result = new Float64Array(x.length);
  for (let at = 0; at < x.length; at += k) result.set(map(x.subarray(at, at + k)), at);
  return result;
}

/** Complex FFT in place: decimation in time, radix 2. With re and im swapped it is the unnormalised inverse. */
function fft(re: Float64Array, im: Float64Array): void {
  const k = re.length;
  for (let i = 1, j = 0; i < k; i++) {
    let bit = k >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [re[i], re[j]] = [re[j], re[i]];
      [im[i], im[j]] = [im[j], im[i]];
    }
  }
  for (let M = 2; M <= k; M *= 2) {
    for (let i = 0; i < M / 2; i++) {
      const c = Math.cos((2 * Math.PI * i) / M);
      const s = Math.sin((2 * Math.PI * i) / M);
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
