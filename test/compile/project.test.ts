import { describe, expect, it } from "vitest";
import { makeExact, runExactly } from "../../src/compile/exact.ts";
import { fitDiagonals, fitSquares } from "../../src/compile/fit.ts";
import { type ProjectionMethod, project } from "../../src/compile/project.ts";
import { ShapeError } from "../../src/errors.ts";
import { parseConfig } from "../../src/train/config.ts";
import { forward } from "../../src/train/forward.ts";
import { fromNetwork } from "../../src/train/from-network.ts";
import type { FloatNetwork, FloatOperation } from "../../src/train/network.ts";
import { initialise, initialStatistics, layOut } from "../../src/train/parameters.ts";
import { MNIST_MLP } from "../../src/train/recipe.ts";
import { toNetwork } from "../../src/train/to-network.ts";
import { everyOperation, normal, randomInputs, randomNetwork } from "./random-network.ts";

const WORDS = 11 * 9 * 3;

/** The matrix of circulant blocks, written out: taps * out * in values. */
function writeOut(columns: ArrayLike<number>, taps: number, out: number, inputs: number, k: number): Float64Array {
  const [p, q] = [Math.ceil(out / k), Math.ceil(inputs / k)];
  return Float64Array.from({ length: taps * out * inputs }, (_, at) => {
    const tap = Math.floor(at / (out * inputs));
    const row = Math.floor(at / inputs) % out;
    const column = at % inputs;
    const block = (tap * p + Math.floor(row / k)) * q + Math.floor(column / k);
    return columns[block * k + ((row - column) & (k - 1))];
  });
}

/** The same network with blocks of 1. */
function densify(network: FloatNetwork): FloatNetwork {
  const operations = network.operations.map((operation): FloatOperation => {
    if (operation.op !== "dense" && operation.op !== "conv2d") return operation;
    const { k, out, in: inputs, norm, weights } = operation;
    const taps = operation.op === "conv2d" ? operation.kernel[0] * operation.kernel[1] : 1;
    const ofChannel = (values: Float32Array) => Float32Array.from({ length: out }, (_, c) => values[Math.floor(c / k)]);
    return {
      ...operation,
      k: 1,
      p: out,
      q: inputs,
      weights: Float32Array.from(writeOut(weights, taps, out, inputs, k)),
      norm: norm && { ...norm, scale: ofChannel(norm.scale), variance: ofChannel(norm.variance) },
    };
  });
  return { ...network, operations };
}

describe("projection", () => {
  const circulant = everyOperation(3);
  const inputs = randomInputs(3, WORDS, 40);

  it.each<ProjectionMethod>(["mean", "weighted", "squares"])("by %s gives blocks back that are circulant", (method) => {
    const { network, layers } = project(densify(circulant), circulant, inputs, { method });
    expect(layers).toHaveLength(circulant.operations.filter((operation) => "k" in operation && operation.k > 1).length);
    for (const { errors } of layers) expect(errors[method]).toBeLessThan(1e-5);
    expect(network.operations.map((operation) => ("k" in operation ? operation.k : 0))).toEqual(
      circulant.operations.map((operation) => ("k" in operation ? operation.k : 0)),
    );
    for (const x of randomInputs(4, WORDS, 5)) {
      const expected = forward(circulant, x);
      const largest = Math.max(...expected.map(Math.abs));
      for (const [n, value] of forward(network, x).entries()) {
        expect(Math.abs(value - expected[n]) / largest).toBeLessThan(1e-3);
      }
    }
  });

  it("by least squares has the least error of all on the inputs that it saw, layer by layer", () => {
    const target = randomNetwork(1, [40, 36, 13], 8);
    const dense = randomNetwork(2, [40, 36, 13], 1);
    const { layers } = project(dense, target, randomInputs(6, 40, 300));
    expect(layers).toHaveLength(2);
    for (const { errors } of layers) {
      expect(errors.squares).toBeLessThan(errors.mean);
      expect(errors.squares).toBeLessThan(errors.weighted);
      expect(errors.squares).toBeLessThan(1);
    }
  });

  it("keeps the mean of every pre-activation", () => {
    const dense = randomNetwork(2, [40, 13], 1);
    const { network } = project(
      dense,
      randomNetwork(1, [40, 13], 8),
      inputs.map((x) => x.slice(0, 40)),
    );
    for (let n = 0; n < 13; n++) {
      const mean = (of: FloatNetwork) => inputs.reduce((sum, x) => sum + forward(of, x.slice(0, 40))[n] / 40, 0);
      expect(Math.abs(mean(network) - mean(dense))).toBeLessThan(1e-5);
    }
  });

  it("gives a layer with normalisation its own statistics and the dense network's spread of every block", () => {
    const dense = densify(everyOperation(8));
    const { network } = project(dense, circulant, inputs);
    const [made, source] = [network.operations[0], dense.operations[0]].map((operation) => {
      const exact = makeExact(operation, network.input.shape);
      return inputs.map((x) => runExactly(exact, [Float64Array.from(x)]).preActivations ?? new Float64Array());
    });
    const spread = (tensors: readonly Float64Array[], channels: readonly number[]) =>
      channels.reduce((sum, channel) => {
        const values = tensors.flatMap((tensor) => [...tensor].filter((_, at) => at % 13 === channel));
        const mean = values.reduce((total, value) => total + value, 0) / values.length;
        return sum + values.reduce((total, value) => total + (value - mean) ** 2, 0) / values.length;
      }, 0);
    for (const block of [[0, 1, 2, 3], [8, 9, 10, 11], [12]]) {
      expect(spread(made, block) / spread(source, block)).toBeCloseTo(1, 3);
    }
  });

  it("refuses networks of other operations, and a network that has blocks already", () => {
    const dense = densify(circulant);
    const shorter = { ...circulant, operations: circulant.operations.slice(0, 3) };
    expect(() => project(dense, shorter, inputs)).toThrow(ShapeError);
    expect(() => project(circulant, circulant, inputs)).toThrow(
      /op1: expected a dense network, of block size 1, got 4/,
    );
    const other = circulant.operations.map((operation) =>
      operation.op === "conv2d" ? { ...operation, activation: "identity" as const } : operation,
    );
    expect(() => project(dense, { ...circulant, operations: other }, inputs)).toThrow(
      /^operation op1: expected conv2d/,
    );
    const padded = circulant.operations.map((operation) =>
      operation.op === "maxpool" ? { ...operation, pad: operation.pad + 1 } : operation,
    );
    expect(() => project(dense, { ...circulant, operations: padded }, inputs)).toThrow(/expected maxpool/);
  });
});

describe("the weighted mean of diagonals", () => {
  const draw = normal(5);
  const [taps, out, width, k] = [2, 7, 10, 4];
  const weights = Float64Array.from({ length: taps * out * width }, draw);
  const moments = Float64Array.from({ length: taps * 12 }, (_, n) => (n % 5 === 0 ? 0 : draw() ** 2));
  const matrix = { in: width, out, taps, weights };

  /** Expected squared error of the outputs for inputs of these moments that do not correlate. */
  function errorOf(columns: Float64Array): number {
    return writeOut(columns, taps, out, width, k).reduce((sum, value, at) => {
      const moment = moments[Math.floor(at / (out * width)) * 12 + (at % width)];
      return sum + moment * (value - weights[at]) ** 2;
    }, 0);
  }

  it("has a smaller weighted error than the plain mean, and no change of a value makes it smaller", () => {
    const weighted = fitDiagonals(matrix, k, moments);
    const least = errorOf(weighted);
    expect(least).toBeLessThan(0.99 * errorOf(fitDiagonals(matrix, k)));
    for (let at = 0; at < weighted.length; at++) {
      for (const step of [-0.01, 0.01]) {
        const changed = weighted.map((value, n) => (n === at ? value + step : value));
        expect(errorOf(changed)).toBeGreaterThanOrEqual(least - 1e-9);
      }
    }
  });
});

describe("least squares in the frequency domain", () => {
  it.each([
    [8, 1],
    [5, 2],
    [13, 3],
  ])("of %i outputs and %i taps cannot be bettered by any change of a value", (out, taps) => {
    const [width, k] = [11, 4];
    const draw = normal(out);
    const q = 3;
    const x = Array.from({ length: 400 }, () =>
      Float64Array.from({ length: taps * q * k }, (_, n) => (n % (q * k) < width ? draw() + draw() : 0)),
    );
    const weights = Float64Array.from({ length: taps * out * width }, draw);
    const apply = (matrix: Float64Array, row: Float64Array) =>
      Float64Array.from({ length: out }, (_, n) => {
        let sum = 0;
        for (let tap = 0; tap < taps; tap++) {
          for (let m = 0; m < width; m++) sum += matrix[(tap * out + n) * width + m] * row[tap * q * k + m];
        }
        return sum;
      });
    const y = x.map((row) => apply(weights, row));
    const near = fitDiagonals({ in: width, out, taps, weights }, k);
    const found = fitSquares({ in: width, out, taps }, k, { x, y }, near);
    const errorOf = (columns: Float64Array) => {
      const matrix = writeOut(columns, taps, out, width, k);
      const errors = x.map((row, s) => apply(matrix, row).map((value, n) => value - y[s][n]));
      const means = errors[0].map((_, n) => errors.reduce((sum, row) => sum + row[n] / errors.length, 0));
      return errors.reduce((sum, row) => sum + row.reduce((total, value, n) => total + (value - means[n]) ** 2, 0), 0);
    };
    const least = errorOf(found);
    expect(least).toBeLessThan(errorOf(near));
    for (let at = 0; at < found.length; at++) {
      for (const step of [-0.05, 0.05]) {
        const changed = errorOf(found.map((value, n) => (n === at ? value + step : value)));
        // What the ridge draws it away from the least: a thousandth.
        expect(changed).toBeGreaterThan(least * (1 - 1e-4));
      }
    }
  });
});

describe("a network as vectors", () => {
  it("is the network again", () => {
    const config = parseConfig({
      ...MNIST_MLP,
      input: { shape: [6, 5, 2], mean: 0.25, deviation: 0.5 },
      layers: [
        { op: "conv2d", out: 6, kernel: 3, stride: 1, pad: 1, k: 4, norm: true, activation: "relu" },
        { op: "depthwise", kernel: 3, stride: 1, pad: 1, norm: true, activation: "relu" },
        { op: "flatten" },
        { op: "dense", out: 10, k: 4, norm: false, activation: "identity" },
      ],
    });
    const shape = layOut(config);
    const statistics = initialStatistics(shape).map((value, n) => value + 0.01 * n);
    const network = toNetwork(config, shape, initialise(shape, 4), statistics);
    const { parameters, statistics: back } = fromNetwork(shape, network);
    expect(toNetwork(config, shape, parameters, back)).toEqual(network);
    const [first, ...rest] = network.operations;
    expect(() => fromNetwork(shape, { ...network, operations: [...rest, first] })).toThrow(
      /^conv1: expected a network/,
    );
  });
});
