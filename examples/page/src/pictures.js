// Words as pictures.

/** Colours from dark to bright, in which equal steps look equal (viridis, at 0, 1/4, 1/2, 3/4 and 1). */
const COLOURS = [
  [68, 1, 84],
  [59, 82, 139],
  [33, 145, 140],
  [94, 201, 98],
  [253, 231, 37],
];

/**
 * Draws rows of values from 0 to 1, a pixel each.
 *
 * @param {HTMLCanvasElement} canvas sized to fit
 * @param {ArrayLike<number>} values row by row
 */
export function drawValues(canvas, values, width) {
  const height = Math.ceil(values.length / width);
  Object.assign(canvas, { width, height });
  const image = new ImageData(width, height);
  for (let at = 0; at < values.length; at++) image.data.set([...colourOf(values[at]), 255], 4 * at);
  canvas.getContext("2d").putImageData(image, 0, 0);
}

function colourOf(value) {
  const at = Math.min(1, Math.max(0, value)) * (COLOURS.length - 1);
  const below = Math.min(COLOURS.length - 2, Math.floor(at));
  return COLOURS[below].map((part, i) => part + (COLOURS[below + 1][i] - part) * (at - below));
}

/** Words over the largest of them. */
export function relative(words) {
  const largest = words.reduce((most, word) => Math.max(most, word), 1);
  return Float32Array.from(words, (word) => word / largest);
}

/**
 * Pictures of the channels of a tensor (height, width, channels), side by side in as many rows as look square.
 *
 * @returns {{ values: Float32Array, width: number }}
 */
export function mosaic(words, [height, width, channels]) {
  const values = relative(words);
  const across = Math.ceil(Math.sqrt((channels * height) / width));
  const down = Math.ceil(channels / across);
  const result = new Float32Array(across * width * down * height);
  for (let channel = 0; channel < channels; channel++) {
    const left = (channel % across) * width;
    const top = Math.floor(channel / across) * height;
    for (let pixel = 0; pixel < height * width; pixel++) {
      const x = left + (pixel % width);
      const y = top + Math.floor(pixel / width);
      result[y * across * width + x] = values[pixel * channels + channel];
    }
  }
  return { values: result, width: across * width };
}

/**
 * Magnitudes of the spectra of q blocks, the mean over all pixels, on a logarithmic scale: a row a block and a column a
 * bin, or the other way round where there are more blocks than bins.
 *
 * @param {Int16Array} spectra pixel by pixel q halfcomplex blocks of k words
 */
export function magnitudes(spectra, q, k) {
  const bins = k / 2 + 1;
  const isWide = q > bins;
  const sums = new Float32Array(q * bins);
  for (let block = 0; block < spectra.length / k; block++) {
    for (let bin = 0; bin < bins; bin++) {
      const isReal = bin === 0 || bin === k / 2;
      const [re, im] = [spectra[block * k + bin], isReal ? 0 : spectra[block * k + k - bin]];
      const row = block % q;
      sums[isWide ? bin * q + row : row * bins + bin] += Math.hypot(re, im);
    }
  }
  const pixels = spectra.length / (q * k);
  const scaled = sums.map((sum) => Math.log2(1 + sum / pixels));
  return { values: relative(scaled), width: isWide ? q : bins, isWide, bins };
}
