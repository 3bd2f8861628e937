import { describe, expect, test } from "vitest";
import { parseConfig } from "../../src/train/config.ts";
import { createEngine } from "../../src/train/engine.ts";
import { forward, preActivation } from "../../src/train/forward.ts";
import { createArena, instantiateKernels } from "../../src/train/kernels.ts";
import type { LayerConfig } from "../../src/train/layers.ts";
import { type Shape, volume } from "../../src/train/network.ts";
import {
  blockOf,
  channelsOf,
  initialise,
  initialStatistics,
  isWeighted,
  layOut,
  type ParameterShape,
} from "../../src/train/parameters.ts";
import { normal, stream } from "../../src/train/random.ts";
import { MNIST_MLP } from "../../src/train/recipe.ts";
import { toNetwork } from "../../src/train/to-network.ts";
import { referenceLoss } from "./reference.ts";

const SEED = 7;
const SMOOTHING = 0.1;
const IMAGES = 8;

const relu = { norm: false, activation: "relu" } as const;
const head = (k = 1): LayerConfig => ({ op: "dense", out: 10, k, norm: false, activation: "identity" });
const pooled = (k = 1): LayerConfig[] => [{ op: "globalavgpool" }, head(k)];
const conv = (out: number, k: number, side = 3, stride = 1, pad = 1) =>
  ({ op: "conv2d", out, kernel: [side, side], stride, pad, k, ...relu }) as const;
const dense = (out: number, k: number) => ({ op: "dense", out, k, ...relu }) as const;
/** Three layers whose sizes are no multiples of k: 45 inputs, 37, 29 and 10 outputs. */
const perceptron = (k: number, headK: number): LayerConfig[] => [
  { op: "flatten" },
  dense(37, k),
  dense(29, k),
  head(headK),
];

const NETWORKS: readonly (readonly [string, Shape, readonly LayerConfig[]])[] = [
  ...[
    [1, 1],
    [2, 4],
    [4, 2],
    [8, 16],
    [16, 1],
    [64, 16],
    [256, 64],
  ].map(([k, headK]) => [`dense of ${k} and ${headK} in the last layer`, [5, 9, 1], perceptron(k, headK)] as const),
  ["a wide dense layer in panels", [1, 1, 600], [dense(12, 1), dense(300, 1), head()]],
  ...[1, 2, 8, 16].map((k) => [`convolutions of ${k}`, [5, 4, 3], [conv(18, k), conv(21, k), ...pooled(k)]] as const),
  ["convolutions with stride 2", [7, 6, 2], [conv(10, 4, 3, 2), conv(9, 4, 3, 2), ...pooled()]],
  ["convolutions with stride 3 and kernels of 5", [9, 8, 2], [conv(6, 2), conv(6, 2, 5, 3, 2), ...pooled()]],
  ["convolutions of 1 x 1", [3, 3, 5], [conv(12, 4, 1, 1, 0), conv(9, 1, 1, 1, 0), conv(9, 4, 1, 2, 0), ...pooled()]],
  ["convolutions of 5 x 5", [6, 6, 2], [conv(4, 2, 5, 1, 2), conv(4, 4, 5, 1, 0), ...pooled()]],
  [
    "rectangular kernels, wide padding",
    [5, 6, 2],
    [
      { ...conv(4, 2), kernel: [3, 4], pad: 2 },
      { ...conv(6, 2), kernel: [3, 2], pad: 0 },
      { ...conv(6, 2), kernel: [2, 7], pad: 1, stride: 2 },
      ...pooled(),
    ],
  ],
  ["convolutions of many channels in panels", [3, 3, 2], [conv(96, 1), conv(5, 1), ...pooled()]],
  [
    "a convolution before a flattened picture",
    [4, 4, 1],
    [conv(6, 2), { op: "flatten" }, dense(20, 8), { op: "flatten" }, head(4)],
  ],
  [
    "depthwise convolutions",
    [6, 5, 3],
    [
      { op: "depthwise", kernel: [3, 3], stride: 1, pad: 1, ...relu },
      conv(8, 4, 1, 1, 0),
      { op: "depthwise", kernel: [3, 2], stride: 2, pad: 1, norm: true, activation: "relu" },
      ...pooled(),
    ],
  ],
  [
    "pools",
    [9, 8, 2],
    [
      conv(6, 2),
      { op: "maxpool", window: [3, 3], stride: 2, pad: 1 },
      conv(6, 2),
      { op: "avgpool", window: [2, 3], stride: 1 },
      { op: "maxpool", window: [2, 2], stride: 1, pad: 0 },
      ...pooled(),
    ],
  ],
  [
    "pools at both ends",
    [8, 8, 3],
    [
      { op: "maxpool", window: [2, 2], stride: 2, pad: 0 },
      conv(10, 2, 3, 1, 0),
      { op: "maxpool", window: [2, 2], stride: 2, pad: 0 },
    ],
  ],
  [
    "residuals",
    [5, 5, 3],
    [
      conv(8, 4),
      {
        op: "residual",
        layers: [conv(8, 4), { ...conv(8, 8), activation: "identity" }],
        shortcut: [],
        activation: "relu",
      },
      {
        op: "residual",
        layers: [conv(12, 4, 3, 2), { ...conv(12, 4), activation: "identity" }],
        shortcut: [{ ...conv(12, 2, 1, 2, 0), activation: "identity" }],
        activation: "identity",
      },
      {
        op: "residual",
        layers: [{ op: "residual", layers: [conv(12, 4)], shortcut: [], activation: "identity" }],
        shortcut: [],
        activation: "identity",
      },
      ...pooled(),
    ],
  ],
  [
    "a residual around the input",
    [4, 4, 4],
    [{ op: "residual", layers: [conv(4, 2)], shortcut: [], activation: "relu" }, conv(8, 4), ...pooled()],
  ],
  ...[1, 2, 8].map(
    (k) =>
      [
        `norms over blocks of ${k}`,
        [4, 4, 3],
        [
          { ...conv(11, k), norm: true },
          {
            op: "residual",
            layers: [
              { ...conv(11, k), norm: true },
              { ...conv(11, k), norm: true, activation: "identity" },
            ],
            shortcut: [],
            activation: "relu",
          },
          { op: "globalavgpool" },
          { ...dense(14, k), norm: true },
          head(k),
        ],
      ] as const,
  ),
];

function setUp(input: Shape, layers: readonly LayerConfig[]) {
  const config = parseConfig({ ...MNIST_MLP, input: { shape: input, mean: 0, deviation: 1 }, layers });
  const shape = layOut(config);
  const kernels = instantiateKernels();
  const arena = createArena(kernels);
  const engine = createEngine(kernels, arena, config, IMAGES);
  const random = stream(SEED);
  const vector = initialise(shape, SEED);
  for (const node of shape.nodes.filter(isWeighted)) {
    for (let c = 0; c < channelsOf(node); c++) vector[node.place.bias + c] = normal(random) / 10;
    const { norm } = node.place;
    if (!norm) continue;
    for (let b = 0; b * blockOf(node) < channelsOf(node); b++) vector[norm.scale + b] = 1 + normal(random) / 4;
  }
  const size = volume(input);
  const inputs = Array.from({ length: IMAGES }, () => Float32Array.from({ length: size }, () => normal(random)));
  const labels = inputs.map((_, image) => (3 * image) % 10);
  arena.floats(engine.parameters, shape.words).set(vector);
  arena.bytes(engine.labels, IMAGES).set(labels);
  engine.prepare();
  const offsets = new Uint32Array(kernels.memory.buffer, engine.inputTable, size).slice();
  const run = (onTensor?: (tensor: number) => void) => {
    inputs.forEach((values, image) => {
      values.forEach((value, e) => {
        arena.floats(engine.input + offsets[e] + 4 * image, 1)[0] = value;
      });
    });
    engine.forward(false, onTensor);
  };
  run();
  return { config, shape, arena, engine, vector, inputs, labels, run, kernels };
}

describe.each(NETWORKS)("float kernels, %s", (_, input, layers) => {
  test("the logits are those of the plain forward pass with the statistics of the images", () => {
    const { config, shape, arena, engine, vector, inputs } = setUp(input, layers);
    const logits = engine.logits();
    const measured = arena.floats(engine.measured, shape.statisticsWords).slice();
    inputs.forEach((values, image) => {
      forward(toNetwork(config, shape, vector, measured), values).forEach((z, c) => {
        // float32 sums of at most 600 products of size one
        expect(Math.abs(logits[c * IMAGES + image] - z)).toBeLessThan(3e-5);
      });
    });
  });

  test("every tensor, once overwritten, is what the next operations read", () => {
    const { config, shape, arena, engine, vector, run, kernels } = setUp(input, layers);
    const { operations } = toNetwork(config, shape, vector, initialStatistics(shape));
    const known: (Float32Array | undefined)[][] = Array.from({ length: IMAGES }, () => []);
    const shapes = [input, ...operations.map(({ output }) => output)];
    const sourceOf = (tensor: number): number =>
      tensor > 0 && operations[tensor - 1].op === "flatten" ? sourceOf(operations[tensor - 1].inputs[0]) : tensor;
    const compare = (tensor: number, image: number, values: Float32Array) => {
      const operation = operations[tensor - 1];
      if ("norm" in operation) return;
      const read = operation.inputs.map((from) => known[image][sourceOf(from)] ?? new Float32Array());
      preActivation(operation, read, shapes[operation.inputs[0]]).forEach((z, e) => {
        const relu = "activation" in operation && operation.activation === "relu";
        // float32 sums of at most 600 products of size one
        expect(Math.abs(values[e] - (relu ? Math.max(0, z) : z)), `${operation.name}, word ${e}`).toBeLessThan(3e-5);
      });
    };
    const seen: number[] = [];
    run((tensor) => {
      const { address, table, pixel, pixels, channels } = engine.tensor(tensor);
      const offsets = new Uint32Array(kernels.memory.buffer, table, channels);
      const words = Array.from({ length: pixels * channels }, (_, e) => {
        return arena.floats(address + offsets[e % channels] + Math.floor(e / channels) * pixel, IMAGES);
      });
      for (let image = 0; image < IMAGES; image++) {
        if (tensor > 0)
          compare(
            tensor,
            image,
            Float32Array.from(words, (word) => word[image]),
          );
        for (const word of words) word[image] = Math.round(8 * word[image]) / 8;
        known[image][tensor] = Float32Array.from(words, (word) => word[image]);
      }
      seen.push(tensor);
    });
    expect(seen).toEqual(shapes.map((_, tensor) => tensor).filter((tensor) => sourceOf(tensor) === tensor));
  });

  test("loss and gradient agree with double-precision finite differences", () => {
    const { shape, arena, engine, vector, inputs, labels } = setUp(input, layers);
    const at = (values: Float64Array) => referenceLoss(shape, values, inputs, labels, SMOOTHING);
    const { loss } = engine.loss(IMAGES, SMOOTHING, 1);
    expect(Math.abs(loss - at(Float64Array.from(vector)))).toBeLessThan(1e-4);
    engine.clear();
    engine.backward();
    engine.collect();
    const gradient = arena.floats(engine.gradient, shape.words);
    for (const word of sampleWords(shape)) {
      const [above, below] = [Float64Array.from(vector), Float64Array.from(vector)];
      const h = 1e-7;
      above[word] += h;
      below[word] -= h;
      const expected = (at(above) - at(below)) / (2 * h);
      expect(Math.abs(gradient[word] - expected), `word ${word}`).toBeLessThan(1e-3 * Math.max(1, Math.abs(expected)));
    }
  });
});

test("images past the live ones add nothing to loss and gradient", () => {
  const { arena, engine } = setUp([5, 9, 1], perceptron(8, 2));
  const { loss, correct } = engine.loss(0, SMOOTHING, 1);
  expect([loss, correct]).toEqual([0, 0]);
  engine.clear();
  engine.backward();
  engine.collect();
  expect(arena.floats(engine.gradient, 16).every((g) => g === 0)).toBe(true);
});

test("a second backward pass adds its gradient to the first", () => {
  const { arena, engine, shape, run } = setUp([4, 4, 3], [conv(8, 4), { ...conv(8, 2), norm: true }, ...pooled()]);
  const gradient = (passes: number) => {
    engine.clear();
    for (let pass = 0; pass < passes; pass++) {
      run();
      engine.loss(IMAGES, SMOOTHING, 1);
      engine.backward();
    }
    engine.collect();
    return arena.floats(engine.gradient, shape.words).slice();
  };
  const once = gradient(1);
  gradient(2).forEach((g, word) => {
    // the sums of the second pass begin with those of the first: a few roundings of values of size one
    expect(Math.abs(g - 2 * once[word])).toBeLessThan(1e-5);
  });
  expect(once.some((g) => Math.abs(g) > 0.1)).toBe(true);
});

/** Weights of first, middle and last words, blocks and taps, biases and scales, of every operation. */
function sampleWords(shape: ParameterShape): number[] {
  return shape.nodes.filter(isWeighted).flatMap((node) => {
    const { rowWords, weights, bias, norm } = node.place;
    const [k, columns] =
      node.op === "depthwise" ? [1, rowWords] : [node.k, node.p * node.kernel[0] * node.kernel[1] * node.q];
    const words = new Set([0, 1, k >> 1, k - 1].map((n) => n % k));
    const blocks = new Set([0, 1, 2, 4, columns >> 1, columns - 1].map((c) => Math.min(c, columns - 1)));
    const taken = [...words].flatMap((n) => [...blocks].map((block) => weights + n * rowWords + block));
    return [...taken, bias, bias + channelsOf(node) - 1, ...(norm ? [norm.scale] : [])];
  });
}
