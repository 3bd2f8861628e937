import { describe, expect, test } from "vitest";
import { masterOf } from "../../src/finetune/master.ts";
import { quantiseNetwork } from "../../src/finetune/quantise.ts";
import { createStraight } from "../../src/finetune/straight.ts";
import { quantiseInput } from "../../src/model/input.ts";
import { tensorTypes } from "../../src/model/program.ts";
import type { FloatDense } from "../../src/train/network.ts";
import { toNetwork } from "../../src/train/to-network.ts";
import { referenceTensors } from "../runtime/models.ts";
import { IMAGES, NETWORKS, setUp } from "./networks.ts";

type Setting = ReturnType<typeof setUp>;

/** The real values of the reference's words: a list of tensors for every image. */
function expectedTensors({ model, inputs }: Setting): Float32Array[][] {
  const types = tensorTypes(model);
  return inputs.map((x) =>
    referenceTensors(model, quantiseInput(model.input, x)).map((words, tensor) =>
      Float32Array.from(words, (word) => word * 2 ** -types[tensor].fractionBits),
    ),
  );
}

function runStraight({ kernels, engine, model, feed }: Setting, onTensor?: (tensor: number) => void) {
  const forward: typeof engine.forward = (fixed, overwrite) =>
    engine.forward(fixed, (tensor) => {
      overwrite?.(tensor);
      onTensor?.(tensor);
    });
  feed();
  createStraight(kernels, { ...engine, forward }, model).forward();
}

describe.each(NETWORKS)("fine-tuning of %s", (_, input, layers) => {
  test("begins with the biases and, where no norm is folded into them, the weights of the compiled model", () => {
    const { network, model, master, config, shape } = setUp(input, layers);
    const again = quantiseNetwork(toNetwork(config, shape, master, new Float32Array(0)), model);
    expect(again).toEqual(quantiseNetwork(masterOf(network, model), model));
    expect(again.held).toBe(0);
    for (const [i, operation] of again.model.operations.entries()) {
      const [made, source] = [model.operations[i], network.operations[i]];
      const folded = "norm" in source && source.norm !== undefined;
      expect(operation).toEqual(folded && "weights" in operation ? { ...made, weights: operation.weights } : made);
    }
  });

  test("shows the engine the real values of the reference's words", () => {
    const setting = setUp(input, layers);
    const { engine, kernels, arena, model } = setting;
    const expected = expectedTensors(setting);
    const seen: number[] = [];
    runStraight(setting, (tensor) => {
      seen.push(tensor);
      const { address, table, pixel, pixels, channels } = engine.tensor(tensor);
      const offsets = new Uint32Array(kernels.memory.buffer, table, channels);
      for (let image = 0; image < IMAGES; image++) {
        const found = Float32Array.from({ length: pixels * channels }, (_, e) => {
          const place = address + offsets[e % channels] + Math.floor(e / channels) * pixel;
          return arena.floats(place, IMAGES)[image];
        });
        expect(found, `tensor ${tensor} of image ${image}`).toEqual(expected[image][tensor]);
      }
    });
    const kinds = ["input", ...model.operations.map(({ op }) => op)];
    expect(seen).toEqual([...kinds.keys()].filter((tensor) => kinds[tensor] !== "flatten"));
    const logits = engine.logits();
    for (const [image, tensors] of expected.entries()) {
      const [last] = tensors.slice(-1);
      expect(Float32Array.from(last, (_, c) => logits[c * IMAGES + image])).toEqual(last);
    }
  });

  test("has nearly the gradient of the float network where words are fine", () => {
    const setting = setUp(input, layers);
    const { engine, feed, gradient } = setting;
    feed();
    engine.forward(true);
    engine.loss(IMAGES, 0, 1);
    const float = gradient();
    runStraight(setting);
    engine.loss(IMAGES, 0, 1);
    const straight = gradient();
    const norm = (values: Float32Array) => Math.hypot(...values);
    // Words have 9 or more bits below the usual value, and a few relus, near 0, are on one side in words alone.
    expect(norm(straight.map((value, n) => value - float[n]))).toBeLessThan(0.05 * norm(float));
    expect(straight).not.toEqual(float);
  });
});

test("masks, inputs of products and the loss are those of coarse words", () => {
  const setting = setUp([5, 9, 1], NETWORKS[0][2], 7);
  const { engine, shape, master, config, labels, gradient } = setting;
  const expected = expectedTensors(setting);
  runStraight(setting);
  const { loss } = engine.loss(IMAGES, 0, 1);
  const found = gradient();
  const network = toNetwork(config, shape, master, new Float32Array(0));
  const head = network.operations[3] as FloatDense;
  const places = shape.nodes.flatMap((node) => ("place" in node ? [node.place] : []));
  const biasGradients = [new Float64Array(29), new Float64Array(10)];
  let total = 0;
  let masked = 0;
  expected.forEach((tensors, image) => {
    const [hidden, logits] = tensors.slice(-2);
    const sum = logits.reduce((all, z) => all + Math.exp(z), 0);
    total += Math.log(sum) - logits[labels[image]];
    const d = Float64Array.from(logits, (z, c) => Math.exp(z) / sum - (c === labels[image] ? 1 : 0));
    hidden.forEach((value, n) => {
      if (value > 0) biasGradients[0][n] += d.reduce((all, dc, row) => all + dc * weightOf(head, row, n), 0);
      else masked++;
    });
    for (const [c, dc] of d.entries()) biasGradients[1][c] += dc;
  });
  // float32 sums of some tens of values of size one
  expect(Math.abs(loss - total)).toBeLessThan(1e-4);
  biasGradients.forEach((values, n) => {
    values.forEach((value, c) => {
      expect(Math.abs(found[places[n + 1].bias + c] - value), `bias ${c} of layer ${n + 1}`).toBeLessThan(1e-5);
    });
  });
  expect(masked).toBeGreaterThan(IMAGES);
});

/** An element of the circulant matrix of a dense layer. */
function weightOf({ weights, k, q }: FloatDense, row: number, column: number): number {
  const block = Math.floor(row / k) * q + Math.floor(column / k);
  return weights[block * k + ((((row - column) % k) + k) % k)];
}
