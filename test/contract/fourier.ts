/** A halfcomplex spectrum in double precision, by the definition: k^2 steps, exact angles reduced modulo k. */
export function dft(x: ArrayLike<number>): Float64Array {
  const k = x.length;
  const spectrum = new Float64Array(k);
  for (let bin = 0; bin <= k / 2; bin++) {
    let re = 0;
    let im = 0;
    for (let n = 0; n < k; n++) {
      const angle = (2 * Math.PI * ((bin * n) % k)) / k;
      re += x[n] * Math.cos(angle);
      im -= x[n] * Math.sin(angle);
    }
    spectrum[bin] = re;
    if (bin > 0 && bin < k / 2) spectrum[k - bin] = im;
  }
  return spectrum;
}

/** The real block whose spectrum is given, times k: the unnormalised inverse. */
export function inverseDft(spectrum: ArrayLike<number>): Float64Array {
  const k = spectrum.length;
  const x = new Float64Array(k);
  for (let n = 0; n < k; n++) {
    let sum = spectrum[0];
    if (k > 1) sum += spectrum[k / 2] * (n % 2 === 0 ? 1 : -1);
    for (let bin = 1; bin < k / 2; bin++) {
      const angle = (2 * Math.PI * ((bin * n) % k)) / k;
      sum += 2 * (spectrum[bin] * Math.cos(angle) - spectrum[k - bin] * Math.sin(angle));
    }
    x[n] = sum;
  }
  return x;
}

/**
 * The largest error of a word after a transform of the reference, if nothing saturates. E is that before a stage, E'
 * after it; |words| <= 32767.
 *
 * Forward, tr = or c + oi s: the errors of or and oi weigh |c| + |s| <= sqrt 2; each mulr rounds by 1/2 at most; a
 * twiddle is off by 1 at most (32767 for 32768), a halved one by 3/4, which times a word over 2^15 makes 1 at most,
 * twice. er has error E, and truncation adds 1 at most to what is halved, or halves E.
 *   not scaled: E' = E + sqrt 2 E + 1 + 2         scaled: E' = E/2 + 1/2 + sqrt 2 E/2 + 1 + 2
 * Inverse: dr and di have error 2 E, or E + 1 if halved; two products of mulr and two twiddles off by 1 at most.
 *   not scaled: E' = 2 sqrt 2 E + 1 + 2           scaled: E' = sqrt 2 (E + 1) + 1 + 2
 *
 * @param schedule bit t - 1 set = stage t is halved
 * @param error    of the words before the transform
 */
export function errorBound(stages: number, direction: "forward" | "inverse", schedule: number, error = 0): number {
  for (let step = 0; step < stages; step++) {
    const isForward = direction === "forward";
    const isScaled = (schedule >> (isForward ? step : stages - 1 - step)) & 1;
    if (isForward) error = isScaled ? (error * (1 + Math.SQRT2)) / 2 + 3.5 : error * (1 + Math.SQRT2) + 3;
    else error = isScaled ? Math.SQRT2 * (error + 1) + 3 : 2 * Math.SQRT2 * error + 3;
  }
  return error;
}
