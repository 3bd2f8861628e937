import { describe, expect, test } from "vitest";
import { channelsOf, isWeighted, layOut, tapsOf } from "../../src/train/parameters.ts";
import { dense, readRecipe } from "../../src/train/recipe.ts";

/** More than the header of a compiled file takes. */
const HEADER_BYTES = 8000;

/** Words of the weights and of the biases as a compiled network has them, its norms folded in. */
function countWords(name: string, blocks: boolean): { weights: number; biases: number } {
  const config = readRecipe(name);
  const nodes = layOut(blocks ? config : dense(config)).nodes.filter(isWeighted);
  const weights = nodes.map(
    (node) => (node.op === "depthwise" ? node.channels : node.p * node.q * node.k) * tapsOf(node),
  );
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return { weights: sum(weights), biases: sum(nodes.map(channelsOf)) };
}

describe("shipped recipes", () => {
  const sizes: readonly (readonly [string, number, number, number])[] = [
    ["mnist-cnn", 1_662_752, 17_312, 100],
    ["fashion-cnn", 1_848_096, 55_584, 50],
    ["cifar10-cnn", 13_277_704, 227_144, 108],
  ];
  test.each(sizes)("%s: %i weights dense, %i in blocks, %i times smaller in 16 bits", (name, plain, blocks, times) => {
    const compiled = countWords(name, true);
    expect([countWords(name, false).weights, compiled.weights]).toEqual([plain, blocks]);
    const bytes = 2 * (compiled.weights + compiled.biases) + HEADER_BYTES;
    expect((4 * plain) / bytes).toBeGreaterThan(times);
  });
});
