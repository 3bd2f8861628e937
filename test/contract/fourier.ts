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
