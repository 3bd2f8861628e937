import { expect, it } from "vitest";
import { conv2d } from "../../src/layers/conv2d.ts";
import { depthwise } from "../../src/layers/depthwise.ts";
import { createRandom, DRAWS, randomDepthwise, randomWindow, randomWords } from "../contract/random.ts";

const SEED = 20261124;

it(`depthwise is conv2d of k = 1 with a diagonal matrix for every tap, word by word (seed ${SEED})`, () => {
  const random = createRandom(SEED);
  for (let run = 0; run < 200; run++) {
    const draw = DRAWS[run % 4];
    const channels = 1 + random(9);
    const layer = randomDepthwise(channels, randomWindow(random), draw, random);
    const x = randomWords(layer.height * layer.width * channels, draw, random);
    const weights = new Int16Array(layer.weights.length * channels);
    for (const [at, weight] of layer.weights.entries()) weights[at * channels + (at % channels)] = weight;
    const diagonal = { ...layer, in: channels, out: channels, k: 1, forward: 0, inverse: 0, weights };
    const { accumulators, products, outputs } = conv2d(diagonal, x);
    expect(depthwise(layer, x)).toEqual({ accumulators, products, outputs });
  }
});
