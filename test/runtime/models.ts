import { scaledStages } from "../../src/fft/schedule.ts";
import type { Model, ModelLayer } from "../../src/model/model.ts";
import { DRAWS, type Random, randomDense } from "../contract/random.ts";

/** A network of 1 to 4 layers, k equal and changing, sides no multiples of it. Accumulators may wrap. */
export function randomModel(random: Random): Model {
  const layers: ModelLayer[] = [];
  let k = 2 ** random(8);
  let inputs = 1 + random(12 * k);
  const inputBits = 8;
  for (let i = 0; i <= random(4); i++) {
    if (random(2) === 0) k = 2 ** random(8);
    const layer = randomDense({ in: inputs, out: 1 + random(12 * k), k }, DRAWS[random(4)], random);
    const input = layers.at(-1)?.format.output ?? inputBits;
    const transforms = Math.log2(k) - scaledStages(layer.forward) - scaledStages(layer.inverse);
    const format = { input, weight: 12, output: input + 12 - layer.shift + transforms };
    layers.push({ ...layer, name: `dense${i + 1}`, format });
    inputs = layer.out;
  }
  return { input: { shape: [layers[0].in], fractionBits: inputBits, mean: 0.25, deviation: 0.5 }, layers, labels: [] };
}

/** One plain layer that gives back its input's words. */
export function identityModel(input: Model["input"]): Model {
  const words = input.shape.reduce((product, side) => product * side, 1);
  const weights = new Int16Array(words * words);
  for (let i = 0; i < words; i++) weights[i * words + i] = 1;
  const format = { input: input.fractionBits, weight: 0, output: input.fractionBits };
  const layer: ModelLayer = {
    name: "identity",
    in: words,
    out: words,
    k: 1,
    forward: 0,
    inverse: 0,
    shift: 0,
    activation: { kind: "identity" },
    weights,
    bias: new Int16Array(words),
    format,
  };
  return { input, layers: [layer], labels: [] };
}
