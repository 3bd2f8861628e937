import type { FloatLayer, FloatNetwork } from "../../src/train/network.ts";
import { random } from "../model/random-model.ts";

/** Numbers of mean 0 and deviation 1 by Box and Muller; the same for the same seed. */
export function normal(seed: number): () => number {
  const next = random(seed);
  const unit = () => (next() + 0.5) / 2 ** 32;
  return () => Math.sqrt(-2 * Math.log(unit())) * Math.cos(2 * Math.PI * unit());
}

/** A network whose layers keep the size of their values; relus but for the last. */
export function randomNetwork(seed: number, sizes: readonly number[], k: number): FloatNetwork {
  const draw = normal(seed);
  const layers = sizes.slice(1).map((out, n): FloatLayer => {
    const inputs = sizes[n];
    const p = Math.ceil(out / k);
    const q = Math.ceil(inputs / k);
    return {
      in: inputs,
      out,
      k,
      p,
      q,
      activation: n < sizes.length - 2 ? "relu" : "identity",
      weights: Float32Array.from({ length: p * q * k }, () => draw() * Math.sqrt(2 / inputs)),
      bias: Float32Array.from({ length: out }, () => 0.1 * draw()),
    };
  });
  return { input: { size: sizes[0], shape: [1, sizes[0]], mean: 0.1307, deviation: 0.3081 }, layers };
}

/** `count` inputs as sparse as those of digits. */
export function randomInputs(seed: number, size: number, count: number): readonly Float32Array[] {
  const next = random(seed);
  const pixel = () => (next() % 4 === 0 ? (next() % 256) / 255 : 0);
  return Array.from({ length: count }, () => Float32Array.from({ length: size }, () => (pixel() - 0.1307) / 0.3081));
}
