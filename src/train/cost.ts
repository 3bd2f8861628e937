import type { ParameterShape } from "./parameters.ts";

/** Weights and biases of a network, without padding. */
export function countParameters(shape: ParameterShape): number {
  return shape.layers.reduce((sum, { p, q, k, out }) => sum + p * q * k + out, 0);
}

/** Floating-point operations that training spends on one image: forward, gradient by weights, gradient by input. */
export function trainFlops(shape: ParameterShape): number {
  return shape.layers.reduce((sum, { p, q, k }, index) => {
    const product = p * q * (k === 1 ? 2 : 4 + 8 * (k / 2 - 1));
    const transform = 2.5 * k * Math.log2(k);
    const first = index === 0;
    return sum + product * (first ? 2 : 3) + transform * (first ? q + 2 * p : 2 * q + 2 * p);
  }, 0);
}
