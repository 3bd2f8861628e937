/** acc += X o W for one block of each, given by its first word; halfcomplex, wrapping at 32 bits. */
export function multiplyAccumulate(
  acc: Int32Array,
  toBlock: number,
  x: Int16Array,
  xBlock: number,
  w: Int16Array,
  wBlock: number,
  k: number,
): void {
  acc[toBlock] += x[xBlock] * w[wBlock];
  if (k > 1) acc[toBlock + k / 2] += x[xBlock + k / 2] * w[wBlock + k / 2];
  for (let bin = 1; bin < k / 2; bin++) {
    const im = k - bin;
    const xr = x[xBlock + bin];
    const xi = x[xBlock + im];
    const wr = w[wBlock + bin];
    const wi = w[wBlock + im];
    acc[toBlock + bin] += xr * wr - xi * wi;
    acc[toBlock + im] += xr * wi + xi * wr;
  }
}

/** The transforms of consecutive blocks of k words. */
export function mapBlocks(words: Int16Array, k: number, transform: (block: Int16Array) => Int16Array): Int16Array {
  if (k === 1) return words;
  const result = new Int16Array(words.length);
  for (let at = 0; at < words.length; at += k) result.set(transform(words.subarray(at, at + k)), at);
  return result;
}

/** Rows of `width` words with zeros after each, up to `paddedWidth`. */
export function padRows(words: Int16Array, width: number, paddedWidth: number): Int16Array {
  if (width === paddedWidth) return words;
  const rows = words.length / width;
  const padded = new Int16Array(rows * paddedWidth);
  for (let row = 0; row < rows; row++) {
    padded.set(words.subarray(row * width, (row + 1) * width), row * paddedWidth);
  }
  return padded;
}
