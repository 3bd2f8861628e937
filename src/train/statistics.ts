import { blockOf, channelsOf, isWeighted, type ParameterShape } from "./parameters.ts";

/**
 * The statistics of many groups of images from those of every group: the mean of a channel is the mean of its means, a
 * block's variance the mean of the groups' variances and of how far their means lie from the whole's.
 *
 * @param samples group by group vectors in the layout of `layOut`
 */
export function combineStatistics(shape: ParameterShape, samples: Float32Array, to: Float32Array): void {
  const words = shape.statisticsWords;
  const groups = samples.length / Math.max(1, words);
  const average = (of: (group: number) => number) => {
    let sum = 0;
    for (let group = 0; group < groups; group++) sum += of(group * words);
    return sum / groups;
  };
  for (const node of shape.nodes) {
    if (!isWeighted(node) || !node.place.norm) continue;
    const { mean, variance } = node.place.norm;
    const [channels, k] = [channelsOf(node), blockOf(node)];
    for (let first = 0; first < channels; first += k) {
      const end = Math.min(first + k, channels);
      let between = 0;
      for (let c = mean + first; c < mean + end; c++) {
        const middle = average((group) => samples[group + c]);
        between += average((group) => (samples[group + c] - middle) ** 2);
        to[c] = middle;
      }
      const block = variance + first / k;
      to[block] = average((group) => samples[group + block]) + between / (end - first);
    }
  }
}
