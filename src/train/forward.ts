import { ShapeError } from "../errors.ts";
import {
  type Activation,
  type FloatConv,
  type FloatDense,
  type FloatDepthwise,
  type FloatNetwork,
  type FloatOperation,
  type Shape,
  volume,
} from "./network.ts";

/**
 * Runs the network on one input, plainly, with double-precision sums.
 *
 * @param x the input's words, as of `normalise`
 * @returns the last tensor
 * @throws ShapeError if x has another length
 */
export function forward(network: FloatNetwork, x: Float32Array): Float32Array {
  return trace(network, x)[network.operations.length];
}

/** Every tensor, for calibration: entry 0 is x, entry i + 1 the output of operation i after its activation. */
export function trace(network: FloatNetwork, x: Float32Array): Float32Array[] {
  const size = volume(network.input.shape);
  if (x.length !== size) {
    throw new ShapeError(`input: expected ${size} words, got ${x.length}`, { length: x.length });
  }
  const values = [x];
  const shapes = [network.input.shape];
  for (const operation of network.operations) {
    const inputs = operation.inputs.map((tensor) => values[tensor]);
    const z = preActivation(operation, inputs, shapes[operation.inputs[0]]);
    values.push("activation" in operation ? activate(operation.activation, z) : z);
    shapes.push(operation.output);
  }
  return values;
}

/** What the activation of an operation takes, or its output where it has none. `shape` is that of the first input. */
export function preActivation(operation: FloatOperation, inputs: readonly Float32Array[], shape: Shape): Float32Array {
  const [x, other] = inputs;
  switch (operation.op) {
    case "dense":
      return finish(operation, multiply(operation, x, [1, 1, operation.in]));
    case "conv2d":
      return finish(operation, multiply(operation, x, shape));
    case "depthwise":
      return finish(operation, slideDepthwise(operation, x, shape));
    case "maxpool":
      return pool(operation, operation.pad, x, shape, (values) => Math.max(...values));
    case "avgpool":
      return pool(operation, 0, x, shape, (values) => values.reduce((sum, value) => sum + value, 0) / values.length);
    case "add":
      return x.map((value, index) => value + other[index]);
    case "flatten":
      return x;
  }
}

/** The places under a kernel or window at a pixel of the output: tap, and pixel of the input. */
export function* under(
  [rows, columns]: readonly [number, number],
  stride: number,
  pad: number,
  [height, width]: Shape,
  [v, u]: readonly [number, number],
): Generator<{ readonly tap: number; readonly pixel: number }> {
  for (let tap = 0; tap < rows * columns; tap++) {
    const y = v * stride + Math.floor(tap / columns) - pad;
    const x = u * stride + (tap % columns) - pad;
    if (y >= 0 && y < height && x >= 0 && x < width) yield { tap, pixel: y * width + x };
  }
}

/** y = sum over the taps of C x; a dense layer has one pixel and one tap. */
function multiply(operation: FloatDense | FloatConv, x: Float32Array, shape: Shape): Float64Array {
  const { k, p, q, out, output } = operation;
  const { kernel, stride, pad } =
    operation.op === "conv2d" ? operation : { kernel: [1, 1] as const, stride: 1, pad: 0 };
  const result = new Float64Array(volume(output));
  const sum = new Float64Array(p * k);
  for (let pixel = 0; pixel < output[0] * output[1]; pixel++) {
    sum.fill(0);
    const place = [Math.floor(pixel / output[1]), pixel % output[1]] as const;
    for (const { tap, pixel: from } of under(kernel, stride, pad, shape, place)) {
      for (let block = 0; block < p * q; block++) {
        addConvolution(sum, operation, tap, block, x, from * operation.in);
      }
    }
    result.set(sum.subarray(0, out), pixel * out);
  }
  return result;
}

/** sum_i[n] += sum over m of w_ij[(n - m) mod k] x_j[m]. */
function addConvolution(
  sum: Float64Array,
  { k, p, q, in: words, weights }: FloatDense | FloatConv,
  tap: number,
  block: number,
  x: Float32Array,
  pixelAt: number,
): void {
  const from = (tap * p * q + block) * k;
  const to = Math.floor(block / q) * k;
  const first = (block % q) * k;
  const end = Math.min(first + k, words);
  for (let e = first; e < end; e++) {
    const value = x[pixelAt + e];
    if (value === 0) continue;
    const m = e - first;
    for (let n = 0; n < m; n++) sum[to + n] += weights[from + n - m + k] * value;
    for (let n = m; n < k; n++) sum[to + n] += weights[from + n - m] * value;
  }
}

function slideDepthwise(operation: FloatDepthwise, x: Float32Array, shape: Shape): Float64Array {
  const { channels, kernel, stride, pad, output, weights } = operation;
  const result = new Float64Array(volume(output));
  for (let pixel = 0; pixel < output[0] * output[1]; pixel++) {
    const place = [Math.floor(pixel / output[1]), pixel % output[1]] as const;
    for (const { tap, pixel: from } of under(kernel, stride, pad, shape, place)) {
      for (let c = 0; c < channels; c++) {
        result[pixel * channels + c] += weights[tap * channels + c] * x[from * channels + c];
      }
    }
  }
  return result;
}

function pool(
  operation: { readonly window: readonly [number, number]; readonly stride: number; readonly output: Shape },
  pad: number,
  x: Float32Array,
  shape: Shape,
  combine: (values: readonly number[]) => number,
): Float32Array {
  const { window, stride, output } = operation;
  const channels = output[2];
  return Float32Array.from({ length: volume(output) }, (_, index) => {
    const pixel = Math.floor(index / channels);
    const place = [Math.floor(pixel / output[1]), pixel % output[1]] as const;
    const places = [...under(window, stride, pad, shape, place)];
    return combine(places.map(({ pixel: from }) => x[from * channels + (index % channels)]));
  });
}

function finish(operation: FloatDense | FloatConv | FloatDepthwise, y: Float64Array): Float32Array {
  const { bias, norm } = operation;
  const block = operation.op === "depthwise" ? 1 : operation.k;
  return Float32Array.from(y, (value, index) => {
    const c = index % bias.length;
    if (norm === undefined) return value + bias[c];
    const b = Math.floor(c / block);
    return ((value - norm.mean[c]) * norm.scale[b]) / Math.sqrt(norm.variance[b] + norm.epsilon) + bias[c];
  });
}

function activate(activation: Activation, z: Float32Array): Float32Array {
  return activation === "relu" ? z.map((value) => Math.max(0, value)) : z;
}
