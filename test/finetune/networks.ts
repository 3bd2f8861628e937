import { compile } from "../../src/compile/compile.ts";
import { masterOf } from "../../src/finetune/master.ts";
import { finetuneRecipe } from "../../src/finetune/recipe.ts";
import type { Model } from "../../src/model/model.ts";
import { parseConfig } from "../../src/train/config.ts";
import { createEngine } from "../../src/train/engine.ts";
import { fromNetwork } from "../../src/train/from-network.ts";
import { createArena, instantiateKernels } from "../../src/train/kernels.ts";
import { type Shape, volume } from "../../src/train/network.ts";
import { channelsOf, initialise, initialStatistics, isWeighted, layOut } from "../../src/train/parameters.ts";
import { normal, stream } from "../../src/train/random.ts";
import { MNIST_MLP } from "../../src/train/recipe.ts";
import { toNetwork } from "../../src/train/to-network.ts";

export const IMAGES = 8;

const conv = (out: number, k: number, stride = 1) =>
  ({ op: "conv2d", out, kernel: 3, stride, pad: 1, k, norm: true, activation: "relu" }) as const;
const dense = (out: number, k: number, activation = "relu") => ({ op: "dense", out, k, norm: false, activation });

/** A perceptron whose words stay in tiles in a session, and a network with every operation. */
export const NETWORKS: readonly (readonly [string, Shape, readonly unknown[]])[] = [
  ["a perceptron", [5, 9, 1], [{ op: "flatten" }, dense(37, 8), dense(29, 8), dense(10, 4, "identity")]],
  [
    "a network of every operation",
    [9, 8, 2],
    [
      conv(12, 1),
      { op: "maxpool", window: 2, stride: 2, pad: 0 },
      { op: "depthwise", kernel: 3, stride: 1, pad: 1, norm: true, activation: "relu" },
      conv(12, 4),
      {
        op: "residual",
        layers: [conv(16, 8), { ...conv(16, 4), activation: "identity" }],
        shortcut: [{ ...conv(16, 2), activation: "identity" }],
        activation: "relu",
      },
      conv(16, 16),
      { op: "avgpool", window: 2, stride: 2 },
      { op: "flatten" },
      { ...dense(24, 8), norm: true },
      dense(10, 1, "identity"),
    ],
  ],
];

/** A network of random weights and norms, its model, and the float engine of the folded network. */
export function setUp(input: Shape, layers: readonly unknown[], coarser = 0) {
  const random = stream(3);
  const trained = parseConfig({ ...MNIST_MLP, input: { shape: input, mean: 0, deviation: 1 }, layers });
  const own = layOut(trained);
  const vector = initialise(own, 5);
  for (const node of own.nodes.filter(isWeighted)) {
    for (let c = 0; c < channelsOf(node); c++) vector[node.place.bias + c] = normal(random) / 10;
    if (node.place.norm) vector.fill(1.1, node.place.norm.scale, node.place.norm.scale + 4);
  }
  const statistics = initialStatistics(own).map((value) => value + random() / 4);
  const network = toNetwork(trained, own, vector, statistics);
  const draw = () => Float32Array.from({ length: volume(input) }, () => normal(random));
  const { model } = compile(network, Array.from({ length: 24 }, draw));
  const inputs = Array.from({ length: IMAGES }, draw);
  const config = finetuneRecipe(trained, { epochs: 1, rate: 1e-3 });
  const shape = layOut(config);
  const kernels = instantiateKernels();
  const arena = createArena(kernels);
  const engine = createEngine(kernels, arena, config, IMAGES);
  const master = fromNetwork(shape, masterOf(network, model)).parameters;
  const labels = inputs.map((_, image) => (3 * image) % 10);
  arena.floats(engine.parameters, shape.words).set(master);
  arena.bytes(engine.labels, IMAGES).set(labels);
  engine.prepare();
  const feed = () => {
    const offsets = new Uint32Array(kernels.memory.buffer, engine.inputTable, volume(input));
    inputs.forEach((values, image) => {
      values.forEach((value, e) => {
        arena.floats(engine.input + offsets[e] + 4 * image, 1)[0] = value;
      });
    });
  };
  const gradient = () => {
    engine.clear();
    engine.backward();
    engine.collect();
    return arena.floats(engine.gradient, shape.words).slice();
  };
  return {
    config,
    shape,
    network,
    master,
    model: coarsen(model, coarser),
    kernels,
    arena,
    engine,
    inputs,
    labels,
    feed,
    gradient,
  };
}

/** The model with fewer fractional bits in all tensors behind its first weights, which drop them. */
export function coarsen(model: Model, bits: number): Model {
  const first = model.operations.findIndex((operation) => "weights" in operation);
  const operations = model.operations.map((operation, i) => {
    if (i < first) return operation;
    const { input, weight, output } = operation.format;
    const format = { input: i === first ? input : input - bits, weight, output: output - bits };
    if (!("bias" in operation)) return { ...operation, format };
    const bias = operation.bias.map((word) => Math.round(word / 2 ** bits));
    return { ...operation, format, bias, shift: operation.shift + (i === first ? bits : 0) };
  });
  return { ...model, operations };
}
