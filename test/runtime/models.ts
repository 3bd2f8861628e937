import { scaledStages } from "../../src/fft/schedule.ts";
import { type Operation, operationWords, perform } from "../../src/layers/operation.ts";
import { windowGrid } from "../../src/layers/window.ts";
import { planMemory } from "../../src/model/memory.ts";
import type { InputFormat, Model, ModelOperation, Shape } from "../../src/model/model.ts";
import { volume } from "../../src/model/shape.ts";
import {
  DRAWS,
  type Random,
  randomConv2d,
  randomDense,
  randomDepthwise,
  randomOperation,
  randomWindow,
} from "../contract/random.ts";

const INPUT_BITS = 8;

/** A network of 1 to 4 dense layers, k equal and changing, sides no multiples of it. Accumulators may wrap. */
export function randomModel(random: Random): Model {
  const operations: ModelOperation[] = [];
  let k = 2 ** random(8);
  const words = 1 + random(12 * k);
  let inputs = words;
  for (let i = 0; i <= random(4); i++) {
    if (random(2) === 0) k = 2 ** random(8);
    const layer = randomDense({ in: inputs, out: 1 + random(12 * k), k }, DRAWS[random(4)], random);
    const input = operations.at(-1)?.format.output ?? INPUT_BITS;
    const transforms = Math.log2(k) - scaledStages(layer.forward) - scaledStages(layer.inverse);
    const format = { input, weight: 12, output: input + 12 - layer.shift + transforms };
    operations.push({ op: "dense", ...layer, name: `dense${i + 1}`, inputs: [i], format });
    inputs = layer.out;
  }
  return modelOf({ shape: [1, 1, words], fractionBits: INPUT_BITS, mean: 0.25, deviation: 0.5 }, operations);
}

/** A network of operations of every kind: pictures first, branches that are added, then dense layers. */
export function randomNetwork(random: Random): Model {
  const shapes: Shape[] = [[1 + random(9), 1 + random(9), 1 + random(20)]];
  const operations: ModelOperation[] = [];
  const push = (operation: Operation, inputs: readonly number[], shape: Shape) => {
    const format = { input: INPUT_BITS, weight: 0, output: INPUT_BITS };
    operations.push({ ...operation, name: `operation${operations.length}`, inputs, format });
    shapes.push(shape);
  };
  const last = () => shapes.length - 1;
  for (let i = 0; i < 2 + random(5); i++) {
    const [height, width, channels] = shapes[last()];
    const draw = DRAWS[random(4)];
    const op = (["conv2d", "conv2d", "depthwise", "maxpool", "avgpool", "add"] as const)[random(6)];
    if (op === "add") {
      const twin = shapes.findIndex((shape) => `${shape}` === `${shapes[last()]}`);
      const words = volume(shapes[last()]);
      push({ ...randomOperation("add", draw, random), words } as Operation, [twin, last()], shapes[last()]);
      continue;
    }
    const drawn = randomWindow(random, op !== "avgpool");
    const kernel = [Math.min(drawn.kernel[0], height), Math.min(drawn.kernel[1], width)] as const;
    const window = { ...drawn, height, width, kernel };
    const { rows, columns } = windowGrid(window);
    if (op === "conv2d") {
      const layer = randomConv2d({ in: channels, out: 1 + random(24), k: 2 ** random(5) }, window, draw, random);
      push({ op, ...layer }, [last()], [rows, columns, layer.out]);
    } else {
      const operation: Operation =
        op === "depthwise" ? { op, ...randomDepthwise(channels, window, draw, random) } : { op, channels, ...window };
      push(operation, [last()], [rows, columns, channels]);
    }
  }
  const words = volume(shapes[last()]);
  if (random(2) === 0) {
    push({ op: "flatten", words }, [last()], [1, 1, words]);
    const k = 2 ** random(5);
    const first = randomDense({ in: words, out: 1 + random(8 * k), k }, "mixed", random);
    push({ op: "dense", ...first }, [last()], [1, 1, first.out]);
    const second = randomDense({ in: first.out, out: 1 + random(8 * k), k }, "mixed", random);
    push({ op: "dense", ...second }, [last()], [1, 1, second.out]);
  }
  return modelOf({ shape: shapes[0], fractionBits: INPUT_BITS, mean: 0.25, deviation: 0.5 }, operations);
}

/** One plain layer that gives back its input's words. */
export function identityModel(input: Model["input"]): Model {
  const words = volume(input.shape);
  const weights = new Int16Array(words * words);
  for (let i = 0; i < words; i++) weights[i * words + i] = 1;
  const format = { input: input.fractionBits, weight: 0, output: input.fractionBits };
  const operation: ModelOperation = {
    op: "dense",
    name: "identity",
    inputs: [0],
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
  return modelOf(input, [operation]);
}

/** The model of operations, with its memory plan. */
export function modelOf(input: InputFormat, operations: readonly ModelOperation[]): Model {
  const words = [volume(input.shape), ...operations.map((operation) => operationWords(operation).output)];
  return { input, operations, labels: [], memory: planMemory(operations, words) };
}

/** Every tensor of a model by the reference, the input first. */
export function referenceTensors({ operations }: Pick<Model, "operations">, input: Int16Array): Int16Array[] {
  const tensors = [input];
  for (const operation of operations) {
    const inputs = operation.inputs.map((tensor) => tensors[tensor]);
    tensors.push(perform(operation, inputs).outputs);
  }
  return tensors;
}
