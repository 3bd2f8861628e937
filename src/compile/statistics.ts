/** Mean and variance of channels. */
export interface Statistics {
  readonly means: Float64Array;
  readonly variances: Float64Array;
}

/** Mean square of every column of rows. */
export function momentsOf(rows: readonly Float64Array[]): Float64Array {
  const moments = new Float64Array(rows[0].length);
  for (const row of rows) for (let n = 0; n < row.length; n++) moments[n] += (row[n] * row[n]) / rows.length;
  return moments;
}

/** Mean and variance of every channel over inputs and pixels. */
export function statisticsOf(tensors: readonly Float64Array[], channels: number): Statistics {
  const means = new Float64Array(channels);
  const variances = new Float64Array(channels);
  const count = tensors.reduce((sum, tensor) => sum + tensor.length, 0) / channels;
  for (const tensor of tensors) for (let at = 0; at < tensor.length; at++) means[at % channels] += tensor[at] / count;
  for (const tensor of tensors) {
    for (let at = 0; at < tensor.length; at++)
      variances[at % channels] += (tensor[at] - means[at % channels]) ** 2 / count;
  }
  return { means, variances };
}

/** The mean of every k values, the last of those that there are. */
export function blockMeans(values: Float64Array, k: number): Float64Array {
  return Float64Array.from({ length: Math.ceil(values.length / k) }, (_, block) => {
    const part = values.subarray(block * k, (block + 1) * k);
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
}
