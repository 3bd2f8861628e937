import type { ParameterShape } from "../../src/train/parameters.ts";

/**
 * The loss of a network in double precision, plainly: every block written out as a dense circulant matrix.
 *
 * @param vector parameters in the layout of `layOut`
 */
export function referenceLoss(
  shape: ParameterShape,
  vector: Float64Array,
  inputs: readonly Float32Array[],
  labels: readonly number[],
  smoothing: number,
): number {
  const matrices = shape.layers.map((layer) => {
    const { k, q, out, rowWords } = layer;
    return Array.from({ length: out }, (_, row) =>
      Float64Array.from({ length: layer.in }, (_, column) => {
        const block = Math.floor(row / k) * q + Math.floor(column / k);
        const n = ((row % k) - (column % k) + k) % k;
        return vector[layer.weights + n * rowWords + block];
      }),
    );
  });
  let total = 0;
  inputs.forEach((input, image) => {
    let x = Float64Array.from(input);
    shape.layers.forEach((layer, index) => {
      const z = matrices[index].map((row, e) => row.reduce((sum, w, c) => sum + w * x[c], vector[layer.bias + e]));
      x = Float64Array.from(z, (value) => (layer.relu ? Math.max(0, value) : value));
    });
    total += crossEntropy(x, labels[image], smoothing);
  });
  return total;
}

function crossEntropy(logits: Float64Array, label: number, smoothing: number): number {
  const logSum = Math.log(logits.reduce((sum, z) => sum + Math.exp(z), 0));
  return logits.reduce((loss, z, c) => {
    const target = (c === label ? 1 - smoothing : 0) + smoothing / logits.length;
    return loss + target * (logSum - z);
  }, 0);
}
