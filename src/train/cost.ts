import type { ProductNode } from "./graph.ts";
import { channelsOf, columnsOf, isWeighted, type ParameterShape, wordsOf } from "./parameters.ts";
import { rootsOf } from "./plan.ts";

/** Weights, biases and scales of a network, without padding. */
export function countParameters(shape: ParameterShape): number {
  return shape.nodes.filter(isWeighted).reduce((sum, node) => {
    const scales = node.norm ? Math.ceil(channelsOf(node) / wordsOf(node)) : 0;
    return sum + columnsOf(node) * wordsOf(node) + channelsOf(node) + scales;
  }, 0);
}

/**
 * Floating-point operations that training spends on the products and transforms of one image: forward, gradient by
 * weights, gradient by input. What touches every value once or twice only is left out.
 */
export function trainFlops(shape: ParameterShape): number {
  const roots = rootsOf(shape.nodes);
  return shape.nodes.filter(isWeighted).reduce((sum, node) => {
    const first = roots[node.inputs[0]] === 0;
    if (node.op === "depthwise") return sum + 2 * meetings(node) * node.channels * (first ? 2 : 3);
    const { p, q, k } = node;
    const product = meetings(node) * p * q * (k === 1 ? 2 : 4 + 8 * (k / 2 - 1));
    const transform = 2.5 * k * Math.log2(k);
    const [inputs, outputs] = [node.from, node.output].map(([height, width]) => height * width);
    const transforms = (first ? q * inputs : 2 * q * inputs) + 2 * p * outputs;
    return sum + product * (first ? 2 : 3) + transform * transforms;
  }, 0);
}

/** Pairs of an output pixel and a tap inside the picture. */
function meetings({
  kernel,
  stride,
  pad,
  from,
  output,
}: Pick<ProductNode, "kernel" | "stride" | "pad" | "from" | "output">) {
  const along = (axis: 0 | 1) => {
    let count = 0;
    for (let at = 0; at < output[axis]; at++) {
      const start = at * stride - pad;
      count += Math.max(0, Math.min(kernel[axis], from[axis] - start) - Math.max(0, -start));
    }
    return count;
  };
  return along(0) * along(1);
}
