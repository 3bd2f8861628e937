import { type Operation, operationWords } from "../../src/layers/operation.ts";
import { type Window, windowGrid } from "../../src/layers/window.ts";
import { planMemory } from "../../src/model/memory.ts";
import type { Shape } from "../../src/model/model.ts";
import { type EngineProgram, networkProgram } from "../../src/rtl/program.ts";
import {
  createRandom,
  DRAWS,
  type Random,
  randomConv2d,
  randomDense,
  randomDepthwise,
  randomWindow,
  randomWords,
} from "../contract/random.ts";

/** An operation and the numbers of the tensors it reads. */
export type Node = Operation & { readonly inputs: readonly number[] };

/** The program of a network, its tensors where the memory plan puts them. */
export function programOf(nodes: readonly Node[], inputWords: number): EngineProgram {
  const words = [inputWords];
  for (const node of nodes) words.push(operationWords(node).output);
  const operations = nodes.map((node, i) => ({ ...node, name: `op${i}`, format: { input: 0, weight: 0, output: 0 } }));
  return networkProgram({ operations, memory: planMemory(nodes, words) });
}

/** The program of a chain of operations. */
export function chain(...operations: readonly Operation[]): EngineProgram {
  const nodes = operations.map((operation, i) => ({ ...operation, inputs: [i] }));
  return programOf(nodes, operationWords(operations[0]).input);
}

/** A network of a few operations on small pictures, with residuals where shapes allow; its last part works on vectors. */
export function randomNetwork(random: Random): EngineProgram {
  const shapes: Shape[] = [[1 + random(9), 1 + random(9), 1 + random(12)]];
  const nodes: Node[] = [];
  const push = (shape: Shape, node: Node) => {
    shapes.push(shape);
    nodes.push(node);
  };
  const count = 2 + random(5);
  while (nodes.length < count) {
    const from = Math.max(0, shapes.length - 1 - random(2));
    const [height, width, channels] = shapes[from];
    const draw = DRAWS[random(DRAWS.length)];
    const kind = random(8);
    if (kind >= 6) {
      const twin = shapes.findIndex((shape) => String(shape) === String(shapes[from]));
      const shifts = [random(31) - 15, random(31) - 15] as const;
      const words = height * width * channels;
      const { activation } = randomDense({ in: 1, out: 1, k: 1 }, draw, random);
      push(shapes[from], { op: "add", words, shifts, activation, inputs: [from, twin] });
      continue;
    }
    const window: Window = { ...randomWindow(random, kind !== 2), height, width };
    const { rows, columns } = windowGrid(window);
    if (rows < 1 || columns < 1) continue;
    const inputs = [from];
    if (kind === 0) {
      push([rows, columns, channels], { op: "depthwise", ...randomDepthwise(channels, window, draw, random), inputs });
    } else if (kind <= 2) {
      push([rows, columns, channels], { op: kind === 1 ? "maxpool" : "avgpool", channels, ...window, inputs });
    } else {
      const sides = { in: channels, out: 1 + random(20), k: 2 ** random(5) };
      push([rows, columns, sides.out], { op: "conv2d", ...randomConv2d(sides, window, draw, random), inputs });
    }
  }
  const words = shapes[shapes.length - 1].reduce((a, b) => a * b);
  push([1, 1, words], { op: "flatten", words, inputs: [nodes.length] });
  if (random(4) > 0) {
    const sides = { in: words, out: 1 + random(40), k: 2 ** random(6) };
    push([1, 1, sides.out], { op: "dense", ...randomDense(sides, "mixed", random), inputs: [nodes.length] });
  }
  return programOf(nodes, shapes[0][0] * shapes[0][1] * shapes[0][2]);
}

/** A chain of dense layers, k equal and changing, sides no multiples of it. */
export function randomLayers(random: Random): EngineProgram {
  const layers: Operation[] = [];
  let k = 2 ** random(8);
  let inputs = 1 + random(12 * k);
  for (let i = 0; i <= random(4); i++) {
    if (random(2) === 0) k = 2 ** random(8);
    const out = 1 + random(12 * k);
    layers.push({ op: "dense", ...randomDense({ in: inputs, out, k }, DRAWS[random(4)], random) });
    inputs = out;
  }
  return chain(...layers);
}

/** Programs of one seed and an input for each. */
export function randomCases(count: number, seed: number, make: (random: Random) => EngineProgram) {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => {
    const program = make(random);
    return { program, x: randomWords(program.input.words, "mixed", random) };
  });
}
