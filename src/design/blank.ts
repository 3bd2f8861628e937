import { planMemory } from "../model/memory.ts";
import type { Model, ModelOperation } from "../model/model.ts";
import type { TrainConfig } from "../train/config.ts";
import { volume } from "../train/network.ts";
import { layOut, type PlacedNode, tapsOf } from "../train/parameters.ts";

/**
 * The model of a recipe with zeros for all words: what costs follow from before anything is trained. Its formats are those
 * of no numbers.
 *
 * @param weightBits by operation; 16 where absent
 */
export function blankModel(recipe: TrainConfig, weightBits: Readonly<Record<string, number>> = {}): Model {
  const { nodes } = layOut(recipe);
  const shapes = [recipe.input.shape, ...nodes.map(({ output }) => output)];
  const operations = nodes.map((node) => {
    const bits = weightBits[node.name];
    return { ...blankOperation(node), ...(bits === undefined || bits === 16 ? {} : { weightBits: bits }) };
  });
  const input = { ...recipe.input, fractionBits: 0 };
  return { input, operations, labels: recipe.labels, memory: planMemory(nodes, shapes.map(volume)) };
}

function blankOperation(node: PlacedNode): ModelOperation {
  const { name, inputs, from, output } = node;
  const base = { name, inputs, format: { input: 0, weight: 0, output: 0 } };
  const [height, width, channels] = from;
  switch (node.op) {
    case "flatten":
      return { ...base, op: "flatten", words: volume(from) };
    case "add":
      return { ...base, op: "add", words: volume(from), shifts: [0, 0], activation: { kind: node.activation } };
    case "maxpool":
    case "avgpool": {
      const { window: kernel, stride, pad } = node;
      return { ...base, op: node.op, channels, height, width, kernel, stride, pad };
    }
    default: {
      const { kernel, stride, pad } = node;
      const window = { height, width, kernel, stride, pad };
      const rest = { shift: 0, activation: { kind: node.activation }, bias: new Int16Array(output[2]) };
      if (node.op === "depthwise") {
        const weights = new Int16Array(tapsOf(node) * channels);
        return { ...base, op: "depthwise", channels, ...window, ...rest, weights };
      }
      const { in: words, out, k, p, q } = node;
      const product = { in: words, out, k, forward: 0, inverse: 0, ...rest };
      const weights = new Int16Array(tapsOf(node) * p * q * k);
      if (node.op === "dense") return { ...base, op: "dense", ...product, weights };
      return { ...base, op: "conv2d", ...product, ...window, weights };
    }
  }
}
