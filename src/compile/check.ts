import { InputError, OptionError, ShapeError } from "../errors.ts";
import { log2BlockSize } from "../fft/order.ts";
import { blockGrid } from "../layers/dense.ts";
import type { FloatLayer, FloatNetwork } from "../train/network.ts";

/**
 * Pass: refuses what cannot be compiled.
 *
 * @throws ShapeError if a tensor does not fit its layer or a layer the one before
 * @throws InputError if a value is not finite, with the layer and the index
 * @throws OptionError if a block size is no power of two from 1 to 2048, or there are no calibration inputs
 */
export function checkNetwork(network: FloatNetwork, calibration: readonly Float32Array[]): void {
  const { input, layers, labels } = network;
  if (layers.length === 0) throw new ShapeError("network: expected at least one layer, got none");
  checkEqual(
    "input shape",
    input.shape.reduce((words, side) => words * side, 1),
    input.size,
  );
  for (const [name, value] of [
    ["mean", input.mean],
    ["deviation", input.deviation],
  ] as const) {
    if (!Number.isFinite(value) || (name === "deviation" && value <= 0)) {
      throw new InputError(`input ${name}: expected a finite number${name === "mean" ? "" : " above 0"}, got ${value}`);
    }
  }
  let words = input.size;
  for (const [i, layer] of layers.entries()) {
    checkLayer(`layer ${i + 1}`, layer, words);
    words = layer.out;
  }
  if (labels && labels.length !== 0) checkEqual("labels", words, labels.length);
  if (calibration.length === 0) {
    throw new OptionError("calibration: expected at least one input, got none", { option: "calibration" });
  }
  for (const [i, x] of calibration.entries()) {
    checkEqual(`calibration input ${i}`, input.size, x.length);
    checkFinite(`calibration input ${i}`, x);
  }
}

function checkLayer(name: string, layer: FloatLayer, inputs: number): void {
  log2BlockSize(layer.k);
  const { p, q } = blockGrid(layer);
  checkEqual(`${name} in`, inputs, layer.in);
  checkEqual(`${name} p`, p, layer.p);
  checkEqual(`${name} q`, q, layer.q);
  checkEqual(`${name} weights`, p * q * layer.k, layer.weights.length);
  checkEqual(`${name} bias`, layer.out, layer.bias.length);
  checkFinite(`${name} weights`, layer.weights);
  checkFinite(`${name} bias`, layer.bias);
}

function checkEqual(what: string, expected: number, actual: number): void {
  if (actual !== expected)
    throw new ShapeError(`${what}: expected ${expected}, got ${actual}`, { what, expected, actual });
}

function checkFinite(what: string, values: Float32Array): void {
  const index = values.findIndex((value) => !Number.isFinite(value));
  if (index >= 0) {
    throw new InputError(`${what}: expected finite numbers, got ${values[index]} at ${index}`, { what, index });
  }
}
