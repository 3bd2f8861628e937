import { under } from "../../src/train/forward.ts";
import {
  blockOf,
  channelsOf,
  type ParameterShape,
  type PlacedNode,
  type WeightedNode,
} from "../../src/train/parameters.ts";

type Picture = Float64Array;

/**
 * The loss of a network in double precision, plainly, norms with the statistics of these images: every weight of a
 * circulant matrix by itself.
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
  const values: Picture[][] = [inputs.map((input) => Float64Array.from(input))];
  for (const node of shape.nodes) values.push(compute(node, vector, values));
  const logits = values[values.length - 1];
  return logits.reduce((sum, one, image) => sum + crossEntropy(one, labels[image], smoothing), 0);
}

function compute(node: PlacedNode, vector: Float64Array, values: readonly Picture[][]): Picture[] {
  const [first, second] = node.inputs.map((tensor) => values[tensor]);
  switch (node.op) {
    case "flatten":
      return first;
    case "add":
      return first.map((a, image) => a.map((value, e) => rectify(node.activation, value + second[image][e])));
    case "maxpool":
      return first.map((x) => pool(node, x, (found) => Math.max(...found)));
    case "avgpool":
      return first.map((x) => pool(node, x, (found) => found.reduce((sum, value) => sum + value, 0) / found.length));
    default:
      return finish(
        node,
        vector,
        first.map((x) => slide(node, vector, x)),
      );
  }
}

function places(node: Extract<PlacedNode, { stride: number }>, pixel: number) {
  const window = "kernel" in node ? node.kernel : node.window;
  const [, width] = node.output;
  return [...under(window, node.stride, node.pad, node.from, [Math.floor(pixel / width), pixel % width])];
}

function pool(
  node: Extract<PlacedNode, { window: unknown }>,
  x: Picture,
  combine: (values: number[]) => number,
): Picture {
  const channels = node.output[2];
  return Float64Array.from({ length: node.output[0] * node.output[1] * channels }, (_, e) => {
    const found = places(node, Math.floor(e / channels));
    return combine(found.map(({ pixel }) => x[pixel * channels + (e % channels)]));
  });
}

function slide(node: WeightedNode, vector: Float64Array, x: Picture): Picture {
  const [height, width, channels] = node.output;
  const inputs = node.from[2];
  const y = new Float64Array(height * width * channels);
  for (let pixel = 0; pixel < height * width; pixel++) {
    for (const { tap, pixel: at } of places(node, pixel)) {
      for (let row = 0; row < channels; row++) {
        for (let column = 0; column < inputs; column++) {
          y[pixel * channels + row] += weightOf(node, vector, tap, row, column) * x[at * inputs + column];
        }
      }
    }
  }
  return y;
}

function weightOf(node: WeightedNode, vector: Float64Array, tap: number, row: number, column: number): number {
  const { place, kernel } = node;
  if (node.op === "depthwise") return row === column ? vector[place.weights + tap * node.channels + row] : 0;
  const { k, q } = node;
  const n = ((row % k) - (column % k) + k) % k;
  const at = (Math.floor(row / k) * kernel[0] * kernel[1] + tap) * q + Math.floor(column / k);
  return vector[place.weights + n * place.rowWords + at];
}

function finish(node: WeightedNode, vector: Float64Array, pictures: readonly Picture[]): Picture[] {
  const { place, activation } = node;
  const [channels, k] = [channelsOf(node), blockOf(node)];
  const mean = Array.from({ length: channels }, (_, c) => average(pictures, channels, [c], (value) => value));
  return pictures.map((y) =>
    y.map((value, e) => {
      const c = e % channels;
      const block = Math.floor(c / k);
      const bias = vector[place.bias + c];
      if (!place.norm) return rectify(activation, value + bias);
      const factor = vector[place.norm.scale + block] / Math.sqrt(variances(node, pictures, mean)[block] + 1e-5);
      return rectify(activation, (value - mean[c]) * factor + bias);
    }),
  );
}

const known = new WeakMap<readonly Picture[], number[]>();

function variances(node: WeightedNode, pictures: readonly Picture[], mean: readonly number[]): number[] {
  const [channels, k] = [channelsOf(node), blockOf(node)];
  const found =
    known.get(pictures) ??
    Array.from({ length: Math.ceil(channels / k) }, (_, block) => {
      const members = mean.map((_, c) => c).filter((c) => Math.floor(c / k) === block);
      return average(pictures, channels, members, (value, c) => (value - mean[c]) ** 2);
    });
  known.set(pictures, found);
  return found;
}

function average(
  pictures: readonly Picture[],
  channels: number,
  members: readonly number[],
  of: (value: number, channel: number) => number,
): number {
  let sum = 0;
  for (const y of pictures)
    for (let e = 0; e < y.length; e += channels) for (const c of members) sum += of(y[e + c], c);
  return (sum * channels) / (pictures.length * pictures[0].length * members.length);
}

function rectify(activation: string, value: number): number {
  return activation === "relu" ? Math.max(0, value) : value;
}

function crossEntropy(logits: Float64Array, label: number, smoothing: number): number {
  const logSum = Math.log(logits.reduce((sum, z) => sum + Math.exp(z), 0));
  return logits.reduce((loss, z, c) => {
    const target = (c === label ? 1 - smoothing : 0) + smoothing / logits.length;
    return loss + target * (logSum - z);
  }, 0);
}
