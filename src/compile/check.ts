import { InputError, OptionError, ShapeError } from "../errors.ts";
import { log2BlockSize } from "../fft/order.ts";
import { blockGrid } from "../layers/dense.ts";
import { LARGEST_MEAN } from "../layers/pool.ts";
import { type Window, windowGrid } from "../layers/window.ts";
import type { Shape } from "../model/model.ts";
import { volume } from "../model/shape.ts";
import type { FloatNetwork, FloatNorm, FloatOperation } from "../train/network.ts";

/**
 * Pass: refuses what cannot be compiled.
 *
 * @throws ShapeError if a tensor does not fit its operation, or an operation the tensors before it
 * @throws InputError if a value is not finite, with the operation and the index
 * @throws OptionError if a block size is no power of two from 1 to 2048, or there are no calibration inputs
 */
export function checkNetwork(network: FloatNetwork, calibration: readonly Float32Array[]): void {
  const { input, operations, labels } = network;
  if (operations.length === 0) throw new ShapeError("network: expected at least one operation, got none");
  for (const [name, value] of [
    ["mean", input.mean],
    ["deviation", input.deviation],
  ] as const) {
    if (!Number.isFinite(value) || (name === "deviation" && value <= 0)) {
      throw new InputError(`input ${name}: expected a finite number${name === "mean" ? "" : " above 0"}, got ${value}`);
    }
  }
  const shapes: Shape[] = [input.shape];
  for (const operation of operations) {
    checkOperation(operation, shapes);
    shapes.push(operation.output);
  }
  if (labels.length !== 0) checkEqual("labels", volume(shapes[operations.length]), labels.length);
  if (calibration.length === 0) {
    throw new OptionError("calibration: expected at least one input, got none", { option: "calibration" });
  }
  for (const [i, x] of calibration.entries()) {
    checkEqual(`calibration input ${i}`, volume(input.shape), x.length);
    checkFinite(`calibration input ${i}`, x);
  }
}

function checkOperation(operation: FloatOperation, shapes: readonly Shape[]): void {
  const { name, inputs, op } = operation;
  checkEqual(`${name} inputs`, op === "add" ? 2 : 1, inputs.length);
  const operands = inputs.map((tensor) => {
    if (shapes[tensor]) return shapes[tensor];
    throw new ShapeError(`${name} inputs: expected tensors 0 to ${shapes.length - 1}, got ${tensor}`, { tensor });
  });
  checkShape(`${name} output`, shapeAfter(operation, operands), operation.output);
}

/** The shape that an operation writes; checks all else of it. */
function shapeAfter(operation: FloatOperation, operands: readonly Shape[]): Shape {
  const { name } = operation;
  const [shape] = operands;
  const [height, width, channels] = shape;
  switch (operation.op) {
    case "dense":
      checkShape(`${name} input`, [1, 1, operation.in], shape);
      checkCirculant(operation, 1);
      return [1, 1, operation.out];
    case "conv2d": {
      const { kernel } = operation;
      checkEqual(`${name} in`, channels, operation.in);
      checkCirculant(operation, kernel[0] * kernel[1]);
      return slide(name, { ...operation, height, width }, operation.out, 7);
    }
    case "depthwise": {
      const { kernel, weights, bias, norm } = operation;
      checkEqual(`${name} channels`, channels, operation.channels);
      checkValues(`${name} weights`, kernel[0] * kernel[1] * channels, weights);
      checkValues(`${name} bias`, channels, bias);
      if (norm) checkNorm(name, norm, channels, channels);
      return slide(name, { ...operation, height, width }, channels, 7);
    }
    case "maxpool":
      return slide(name, { ...operation, height, width, kernel: operation.window }, channels, 255);
    case "avgpool": {
      const { window } = operation;
      if (window[0] * window[1] > LARGEST_MEAN) {
        throw new ShapeError(`${name} window: expected at most ${LARGEST_MEAN} pixels, got ${window.join(" x ")}`);
      }
      return slide(name, { ...operation, height, width, kernel: window, pad: 0 }, channels, 255);
    }
    case "add":
      checkShape(`${name} second input`, shape, operands[1]);
      return shape;
    case "flatten":
      return [1, 1, volume(shape)];
  }
}

function checkCirculant(operation: Extract<FloatOperation, { readonly op: "dense" | "conv2d" }>, taps: number): void {
  const { name, k, out, weights, bias, norm } = operation;
  log2BlockSize(k);
  const { p, q } = blockGrid(operation);
  checkEqual(`${name} p`, p, operation.p);
  checkEqual(`${name} q`, q, operation.q);
  checkValues(`${name} weights`, taps * p * q * k, weights);
  checkValues(`${name} bias`, out, bias);
  if (norm) checkNorm(name, norm, p, out);
}

function checkNorm(name: string, { scale, mean, variance, epsilon }: FloatNorm, blocks: number, out: number): void {
  checkValues(`${name} norm scale`, blocks, scale);
  checkValues(`${name} norm mean`, out, mean);
  checkValues(`${name} norm variance`, blocks, variance);
  const index = variance.findIndex((value) => !(value + epsilon > 0));
  if (index < 0) return;
  throw new InputError(
    `${name} norm variance: expected numbers above 0 with epsilon ${epsilon}, got ${variance[index]} at ${index}`,
    { what: `${name} norm variance`, index },
  );
}

/** The shape behind a window that slides over a picture. */
function slide(name: string, window: Window, channels: number, most: number): Shape {
  const { height, width, kernel, stride, pad } = window;
  const least = Math.min(...kernel);
  if (least < 1 || Math.max(...kernel) > most) {
    throw new ShapeError(`${name} window: expected sides from 1 to ${most}, got ${kernel.join(" x ")}`);
  }
  if (!(pad >= 0 && pad < least)) {
    throw new ShapeError(`${name} pad: expected less than both sides of ${kernel.join(" x ")}, got ${pad}`, { pad });
  }
  const { rows, columns } = windowGrid(window);
  if (rows >= 1 && columns >= 1) return [rows, columns, channels];
  throw new ShapeError(`${name} window: expected sides within ${height} x ${width}, got ${kernel.join(" x ")}`, {
    stride,
  });
}

function checkShape(what: string, expected: Shape, actual: Shape): void {
  if (expected.join() === actual.join()) return;
  throw new ShapeError(`${what}: expected ${expected.join(" x ")}, got ${actual.join(" x ")}`, {
    what,
    expected,
    actual,
  });
}

function checkEqual(what: string, expected: number, actual: number): void {
  if (actual !== expected)
    throw new ShapeError(`${what}: expected ${expected}, got ${actual}`, { what, expected, actual });
}

function checkValues(what: string, length: number, values: Float32Array): void {
  checkEqual(what, length, values.length);
  checkFinite(what, values);
}

function checkFinite(what: string, values: Float32Array): void {
  const index = values.findIndex((value) => !Number.isFinite(value));
  if (index >= 0) {
    throw new InputError(`${what}: expected finite numbers, got ${values[index]} at ${index}`, { what, index });
  }
}
