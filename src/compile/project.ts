import { forEachTap, windowGrid } from "../layers/window.ts";
import type { Shape } from "../model/model.ts";
import type { FloatNetwork, FloatNorm, FloatOperation } from "../train/network.ts";
import { checkAlike } from "./alike.ts";
import { checkNetwork } from "./check.ts";
import { type ExactOperation, type ExactProduct, makeExact, runExactly, traceProduct } from "./exact.ts";
import { type DenseMatrix, type FitSamples, fitDiagonals, fitSquares } from "./fit.ts";
import { type FloatWeighted, foldNorm } from "./fold.ts";
import { lastReaders } from "./memory.ts";
import { asDense } from "./sample.ts";
import { blockMeans, momentsOf, statisticsOf } from "./statistics.ts";

/** How blocks are found: the mean of every diagonal, the mean weighted by the inputs, or least squares on samples. */
export type ProjectionMethod = "mean" | "weighted" | "squares";

export interface ProjectionOptions {
  /** Default "squares". */
  readonly method?: ProjectionMethod;
  /** Called after each operation with the number done. */
  readonly onOperation?: (done: number) => void;
}

/** How well the blocks of a layer stand for its matrix. */
export interface ProjectionReport {
  readonly name: string;
  readonly in: number;
  readonly out: number;
  readonly k: number;
  /**
   * For each method the error of the outputs on the calibration inputs, by root mean square over that of the dense
   * layer's outputs, means apart: 0 is equal, 1 as bad as a constant.
   */
  readonly errors: Readonly<Record<ProjectionMethod, number>>;
}

/** Windows of a layer, about, and words under them that blocks are found on. */
const SAMPLES = { windows: 8192, words: 2 ** 23 };

type Circulant = Extract<FloatOperation, { readonly op: "dense" | "conv2d" }>;

/**
 * Makes a block-circulant network of a trained dense one, to be trained further.
 *
 * Layer by layer the dense layer's normalisation is folded into its weights, then the blocks are found; a layer reads
 * what the block-circulant layers before make of the inputs, so that it makes up for them where it can. Biases take the
 * means of the dense network's pre-activations; a layer with normalisation has its statistics as they come, and takes
 * the dense network's spread of every block as its scale.
 *
 * @param dense  its block sizes are 1
 * @param target a network of the same operations with the block sizes that are wanted; its weights are not read
 * @param inputs some hundreds of real inputs, as for calibration
 * @throws ShapeError if the networks have other differences than block sizes and normalisation
 */
export function project(
  dense: FloatNetwork,
  target: FloatNetwork,
  inputs: readonly Float32Array[],
  options: ProjectionOptions = {},
): { readonly network: FloatNetwork; readonly layers: readonly ProjectionReport[] } {
  const { method = "squares", onOperation } = options;
  checkNetwork(dense, inputs);
  checkAlike(dense, target);
  const shapes: Shape[] = [dense.input.shape, ...dense.operations.map(({ output }) => output)];
  // Tensors by number, each a list over the inputs, of both networks; those that are read no more are dropped.
  const float: (readonly Float64Array[])[] = [inputs.map((x) => Float64Array.from(x))];
  const made = [float[0]];
  const last = lastReaders(dense.operations);
  const operations: FloatOperation[] = [];
  const layers: ProjectionReport[] = [];
  for (const [i, source] of dense.operations.entries()) {
    const operandsOf = (tensors: readonly (readonly Float64Array[])[]) =>
      inputs.map((_, n) => source.inputs.map((tensor) => tensors[tensor][n]));
    const shape = shapes[source.inputs[0]];
    const exact = makeExact(source, shape);
    const wanted = operandsOf(float).map((operands) => resultOf(exact, operands));
    const from = operandsOf(made);
    const found = projectOperation(source, target.operations[i], {
      shape,
      inputs: from.map(([x]) => x),
      wanted: wanted.map(({ preActivations }) => preActivations),
      method,
    });
    operations.push(found.operation);
    if (found.report) layers.push(found.report);
    const remade = makeExact(found.operation, shape);
    float.push(wanted.map(({ outputs }) => outputs));
    made.push(from.map((operands) => resultOf(remade, operands).outputs));
    for (const tensor of source.inputs) if (last[tensor] === i) float[tensor] = made[tensor] = [];
    onOperation?.(i + 1);
  }
  return { network: { ...dense, operations }, layers };
}

/** What an operation is projected by. */
interface Surroundings {
  /** Of the tensor that it reads. */
  readonly shape: Shape;
  /** What the block-circulant network before it makes of the calibration inputs. */
  readonly inputs: readonly Float64Array[];
  /** Its pre-activations in the dense network. */
  readonly wanted: readonly Float64Array[];
  readonly method: ProjectionMethod;
}

interface Projected {
  readonly operation: FloatOperation;
  readonly report?: ProjectionReport;
}

/** Only what is kept of a trace: the rest is large. */
function resultOf(operation: ExactOperation, operands: readonly Float64Array[]) {
  const { preActivations, outputs } = runExactly(operation, operands);
  return { preActivations: preActivations ?? outputs, outputs };
}

function projectOperation(source: FloatOperation, like: FloatOperation, surroundings: Surroundings): Projected {
  if (isProduct(source) && isProduct(like) && like.k > 1) return findBlocks(source, like, surroundings);
  const differ = isWeighted(source) && isWeighted(like) && !source.norm !== !like.norm;
  return { operation: differ ? withStatistics(bare(source), like, surroundings) : source };
}

/** The blocks of a layer by all methods, and the layer by one of them. */
function findBlocks(source: Circulant, like: Circulant, surroundings: Surroundings): Projected {
  const { shape, inputs, wanted, method } = surroundings;
  const { k, p, q, out } = like;
  const taps = like.op === "conv2d" ? like.kernel[0] * like.kernel[1] : 1;
  const matrix: DenseMatrix = { in: like.in, out, taps, weights: foldNorm(source).weights };
  const blank = { ...like, weights: new Float32Array(taps * p * q * k), bias: new Float32Array(out), norm: undefined };
  const samples = takeSamples(makeExact(blank, shape) as ExactProduct, inputs, wanted);
  const weighted = fitDiagonals(matrix, k, momentsOf(samples.x));
  const blocks: Record<ProjectionMethod, Float64Array> = {
    mean: fitDiagonals(matrix, k),
    weighted,
    squares: fitSquares(matrix, k, samples, weighted),
  };
  const layer = (weights: Float64Array): Circulant => ({ ...blank, weights: Float32Array.from(weights) });
  const errorOf = (weights: Float64Array) => errorOn(makeExact(layer(weights), shape) as ExactProduct, samples);
  const errors = { mean: errorOf(blocks.mean), weighted: errorOf(weighted), squares: errorOf(blocks.squares) };
  return {
    operation: withStatistics(layer(blocks[method]), like, surroundings),
    report: { name: like.name, in: like.in, out, k, errors },
  };
}

/** The operation with the biases, and with the norm if there is to be one, that give it the wanted statistics. */
function withStatistics<T extends FloatWeighted>(
  operation: T,
  like: FloatWeighted,
  { shape, inputs, wanted }: Surroundings,
): T {
  const channels = operation.bias.length;
  const blank = { ...operation, bias: new Float32Array(channels), activation: "identity" } as const;
  const exact = makeExact(blank, shape);
  const own = statisticsOf(
    inputs.map((x) => runExactly(exact, [x]).outputs),
    channels,
  );
  const goal = statisticsOf(wanted, channels);
  if (!like.norm) {
    const bias = Float32Array.from(goal.means, (mean, channel) => mean - own.means[channel]);
    return { ...operation, bias };
  }
  const k = operation.op === "depthwise" ? 1 : operation.k;
  const variance = blockMeans(own.variances, k);
  const norm: FloatNorm = {
    scale: Float32Array.from(blockMeans(goal.variances, k), Math.sqrt),
    mean: Float32Array.from(own.means),
    variance: Float32Array.from(variance),
    epsilon: like.norm.epsilon,
  };
  return { ...operation, bias: Float32Array.from(goal.means), norm };
}

/** An operation with its normalisation folded. */
function bare(operation: FloatWeighted): FloatWeighted {
  const { weights, bias } = foldNorm(operation);
  const plain = { weights: Float32Array.from(weights), bias: Float32Array.from(bias), norm: undefined };
  return { ...operation, ...plain };
}

/** Windows spread over all inputs, and what the dense network makes there. */
function takeSamples(
  product: ExactProduct,
  inputs: readonly Float64Array[],
  wanted: readonly Float64Array[],
): FitSamples {
  const { rows, columns } = windowGrid(product);
  const windows = rows * columns;
  const { in: width } = asDense(product);
  const total = inputs.length * windows;
  const count = Math.min(total, SAMPLES.windows, Math.max(256, Math.floor(SAMPLES.words / width)));
  const picks = Array.from({ length: count }, (_, n) => Math.floor(((n + 0.5) * total) / count));
  const byInput = inputs.map((): number[] => []);
  for (const pick of picks) byInput[Math.floor(pick / windows)].push(pick % windows);
  return {
    x: inputs.flatMap((x, n) => (byInput[n].length === 0 ? [] : gather(product, x, byInput[n]))),
    y: wanted.flatMap((z, n) => byInput[n].map((w) => z.subarray(w * product.out, (w + 1) * product.out))),
  };
}

/** The values under windows: the taps one behind the other, each with zeros up to whole blocks. */
function gather(product: ExactProduct, x: Float64Array, wanted: readonly number[]): readonly Float64Array[] {
  const { in: channels, q, k, kernel } = product;
  const found = new Map(wanted.map((window) => [window, new Float64Array(kernel[0] * kernel[1] * q * k)]));
  forEachTap(product, (output, tap, pixel) => {
    found.get(output)?.set(x.subarray(pixel * channels, (pixel + 1) * channels), tap * q * k);
  });
  return [...found.values()];
}

/** Root mean square error over that of the wanted values, means apart. */
function errorOn(product: ExactProduct, { x, y }: FitSamples): number {
  const dense = asDense(product);
  const errors = x.map((row, s) => {
    const made = traceProduct(dense, row).transforms;
    return y[s].map((value, n) => made[n] - value);
  });
  const spread = (rows: readonly Float64Array[]) =>
    statisticsOf(rows, product.out).variances.reduce((sum, variance) => sum + variance, 0);
  const signal = spread(y);
  return signal === 0 ? 0 : Math.sqrt(spread(errors) / signal);
}

function isProduct(operation: FloatOperation): operation is Circulant {
  return operation.op === "dense" || operation.op === "conv2d";
}

function isWeighted(operation: FloatOperation): operation is FloatWeighted {
  return isProduct(operation) || operation.op === "depthwise";
}
