import type { TrainConfig } from "./config.ts";
import type { Arena, Kernels } from "./kernels.ts";
import { LARGEST_BLOCK } from "./layers.ts";
import { channelsOf, isWeighted, layOut, type ParameterShape, type PlacedNode, tapsOf } from "./parameters.ts";
import { createPlanner, type Memory, type Planner, publish, type Value } from "./plan.ts";
import { type Laid, planProduct } from "./product.ts";
import { planAdd, planDepthwise, planPool } from "./windows.ts";

/** What a teacher says of the same images, and how much it counts. */
export interface Lesson {
  /** Address of its logits, laid out as the engine's. */
  readonly logits: number;
  readonly weight: number;
  readonly temperature: number;
}

/** Where the words of a tensor stand, in bytes. */
export interface TensorPlace {
  readonly address: number;
  /** Offsets of the channels, u32. */
  readonly table: number;
  /** From a pixel to the next. */
  readonly pixel: number;
  readonly pixels: number;
  readonly channels: number;
}

/** Computes losses and gradients of a fixed number of images at once. */
export interface Engine {
  readonly images: number;
  /** Address of the parameter vector; the caller writes it, then calls `prepare`. */
  readonly parameters: number;
  /** Address of the gradient vector, whole after `collect`. */
  readonly gradient: number;
  /** Address of the statistics with which `forward(true)` normalises; the caller writes them. */
  readonly statistics: number;
  /** Address of the statistics of the images of the last `forward(false)`. */
  readonly measured: number;
  /** Address of the input: word e of image b (pixel by pixel, channels together) stands at `input + load(inputTable + 4 e) + 4 b`. */
  readonly input: number;
  readonly inputTable: number;
  /** Address of the labels, one byte an image. */
  readonly labels: number;
  /** Transforms the weights. */
  readonly prepare: () => void;
  /**
   * Runs the network over the input, which is used up; norms take the given statistics or those of the images.
   *
   * @param onTensor called when a tensor is whole, before anything reads it: the next operations read what it writes
   *   over the tensor, and the gradient passes straight through, but for what a relu made 0 in it (without norm); a
   *   flattened tensor is that of before and not called
   */
  readonly forward: (fixed: boolean, onTensor?: (tensor: number) => void) => void;
  /** Where a tensor stands, for `onTensor`: word c of pixel s of image b at address + load(table + 4 c) + s pixel + 4 b. */
  readonly tensor: (tensor: number) => TensorPlace;
  /** Logits as `classes` rows of the images. */
  readonly logits: () => Float32Array;
  readonly logitsAddress: number;
  /** The summed loss and the right answers of the first `live` images; the gradient is multiplied by `factor`. */
  readonly loss: (
    live: number,
    smoothing: number,
    factor: number,
    lesson?: Lesson,
  ) => { loss: number; correct: number };
  /** Sets the gradient to 0. */
  readonly clear: () => void;
  /** Adds the gradient of the last `loss`, which follows a `forward(false)` where there are norms. */
  readonly backward: () => void;
  /** Brings the sum of gradients to the gradient vector. */
  readonly collect: () => void;
}

/**
 * Plans the memory of a network for `images` images at once and binds the kernels to it.
 *
 * @param images a multiple of 8
 */
export function createEngine(kernels: Kernels, arena: Arena, config: TrainConfig, images: number): Engine {
  const shape = layOut(config);
  const memory = takeMemory(arena, shape);
  const plan = createPlanner(kernels, arena, memory, shape.nodes, config.input.shape, images);
  const passes = layPasses(plan, shape.nodes);
  const head = plan.values[plan.values.length - 1];
  const { logits, logitGradient } = passes;
  const labels = arena.take(images);
  const result = arena.take(8);
  const { primary } = plan.values[0];
  const inputTable = arena.table(inputOffsets(plan.values[0], plan.width));
  const classes = head.channels;
  plan.pack();

  const loss = (live: number, smoothing: number, factor: number, lesson?: Lesson) => {
    const [from, to] = [logits.address, logitGradient.address];
    const { width } = plan;
    kernels.crossEntropy(from, to, labels, classes, width, live, smoothing, factor, result);
    if (lesson) {
      const { weight, temperature } = lesson;
      kernels.distil(from, lesson.logits, to, classes, width, live, weight, temperature, factor, result);
    }
    const [total, correct] = arena.floats(result, 2);
    return { loss: total, correct };
  };

  return {
    images,
    parameters: memory.parameters,
    gradient: memory.gradient,
    statistics: memory.statistics,
    measured: memory.measured,
    input: primary.buffer.address,
    inputTable,
    labels,
    prepare: () => {
      for (const { prepare } of passes.laid) prepare?.();
    },
    forward: (fixed, onTensor) => {
      passes.forward.forEach(({ compute, adopt, publish: spread }, tensor) => {
        for (const action of compute) action(fixed);
        if (onTensor && plan.values.indexOf(plan.values[tensor]) === tensor) {
          onTensor(tensor);
          for (const action of adopt) action(fixed);
        }
        for (const action of spread) action(fixed);
      });
    },
    tensor: (tensor) => {
      const { buffer, ...rest } = plan.values[tensor].primary;
      return { ...rest, address: buffer.address };
    },
    logits: () => arena.floats(logits.address, images * classes),
    logitsAddress: logits.address,
    loss,
    clear: () => {
      kernels.clear(memory.gradient, 4 * shape.words);
      for (const { clear } of passes.laid) clear?.();
    },
    backward: () => {
      for (const action of passes.backward) action(false);
    },
    collect: () => {
      for (const { collect } of passes.laid) collect?.();
    },
  };
}

type Actions = ((fixed: boolean) => void)[];

/** Lays out the forward pass, the loss and the backward pass. */
function layPasses(plan: Planner, nodes: readonly PlacedNode[]) {
  const forward = plan.values.map(() => ({ compute: [] as Actions, adopt: [] as Actions, publish: [] as Actions }));
  const backward: Actions = [];
  const spread = (tensor: number) => {
    const value = plan.values[tensor];
    plan.touch(value.primary);
    plan.redirect(forward[tensor].publish);
    if (plan.values.indexOf(value) === tensor) publish(plan, value);
  };
  plan.begin(forward[0].compute);
  spread(0);
  const laid = nodes.map((node, index) => {
    plan.begin(forward[index + 1].compute);
    const one = planNode(plan, node, index);
    one.forward();
    plan.redirect(forward[index + 1].adopt);
    one.adopt?.();
    spread(index + 1);
    return one;
  });
  plan.begin([]);
  const head = plan.values[nodes.length];
  const logits = head.natural;
  if (logits === undefined) throw new Error("expected logits in natural order");
  plan.touch(logits);
  const logitGradient = plan.buffer(logits.bytes);
  head.gradients.push(plan.naturalRows(logitGradient, head.pixels, head.channels));
  for (const one of laid.toReversed()) {
    plan.begin(backward);
    one.backward();
  }
  return { forward, backward, laid, logits, logitGradient };
}

function planNode(plan: Planner, node: PlacedNode, index: number): Laid {
  const inputs = node.inputs.map((tensor) => plan.values[tensor]);
  const to = plan.values[index + 1];
  switch (node.op) {
    case "dense":
    case "conv2d":
      return planProduct(plan, node, inputs[0], to);
    case "depthwise":
      return planDepthwise(plan, node, inputs[0], to);
    case "maxpool":
    case "avgpool":
      return planPool(plan, node, inputs[0], to);
    case "add":
      return planAdd(plan, node, inputs, to);
    case "flatten":
      return { forward: () => {}, backward: () => {} };
  }
}

function takeMemory(arena: Arena, shape: ParameterShape): Memory {
  const weighted = shape.nodes.filter(isWeighted);
  const channels = weighted.reduce((most, node) => Math.max(most, channelsOf(node)), 0);
  const taps = weighted.reduce((most, node) => (node.op === "depthwise" ? Math.max(most, tapsOf(node)) : most), 2);
  return {
    parameters: arena.take(4 * shape.words),
    gradient: arena.take(4 * shape.words),
    statistics: arena.take(4 * shape.statisticsWords),
    measured: arena.take(4 * shape.statisticsWords),
    twiddles: placeTwiddles(arena),
    ones: arena.table(new Float32Array(channels).fill(1)),
    sums: arena.take(16 * taps * channels),
  };
}

/** Where the words of the input stand, pixel by pixel, channels together. */
function inputOffsets({ natural, spectra, pixels, channels }: Value, width: number): number[] {
  return Array.from({ length: pixels * channels }, (_, e) => {
    if (natural) return e * width;
    const { layout } = spectra[0];
    return layout.offset(Math.floor(e / layout.channels), e % layout.channels);
  });
}

function placeTwiddles(arena: Arena): number {
  const count = LARGEST_BLOCK / 4;
  const address = arena.take(8 * count);
  const table = arena.floats(address, 2 * count);
  for (let i = 0; i < count; i++) {
    const angle = (2 * Math.PI * i) / LARGEST_BLOCK;
    table[2 * i] = Math.cos(angle);
    table[2 * i + 1] = Math.sin(angle);
  }
  return address;
}
