import { ShapeError } from "../errors.ts";
import type { FloatNetwork, FloatOperation } from "./network.ts";
import { blockAt, columnsOf, isWeighted, type ParameterShape, type WeightedNode, wordsOf } from "./parameters.ts";

/** A network as vectors in the layout of `layOut`. */
export interface NetworkVectors {
  readonly parameters: Float32Array;
  readonly statistics: Float32Array;
}

/**
 * The vectors that `toNetwork` makes the network of.
 *
 * @throws ShapeError if the network has other operations than the layout
 */
export function fromNetwork(shape: ParameterShape, network: FloatNetwork): NetworkVectors {
  const parameters = new Float32Array(shape.words);
  const statistics = new Float32Array(shape.statisticsWords);
  for (const [index, node] of shape.nodes.entries()) {
    if (!isWeighted(node)) continue;
    const operation = weightsOf(node, network.operations[index]);
    const { bias, norm } = operation;
    placeWeights(node, operation.weights, parameters);
    parameters.set(bias, node.place.bias);
    if (!node.place.norm || !norm) continue;
    parameters.set(norm.scale, node.place.norm.scale);
    statistics.set(norm.mean, node.place.norm.mean);
    statistics.set(norm.variance, node.place.norm.variance);
  }
  return { parameters, statistics };
}

/** The operation, if it is that of the node. */
function weightsOf(node: WeightedNode, operation: FloatOperation | undefined) {
  const fits =
    operation?.op === node.op &&
    operation.output.join() === node.output.join() &&
    operation.weights.length === columnsOf(node) * wordsOf(node) &&
    (operation.norm !== undefined) === node.norm;
  if (fits) return operation;
  throw new ShapeError(`${node.name}: expected a network of the recipe's operations, got ${operation?.name ?? "none"}`);
}

function placeWeights(node: WeightedNode, weights: Float32Array, parameters: Float32Array): void {
  const { rowWords, weights: first } = node.place;
  const words = wordsOf(node);
  for (let column = 0; column < columnsOf(node); column++) {
    const from = node.op === "depthwise" ? column : blockAt(node, column) * words;
    for (let n = 0; n < words; n++) parameters[first + n * rowWords + column] = weights[from + n];
  }
}
