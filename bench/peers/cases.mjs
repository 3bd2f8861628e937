import { readFileSync } from "node:fs";
import { readImageSet } from "../../dist/data/read.js";
import { readModel } from "../../dist/model/read.js";
import { randomLayer } from "./circulant.mjs";
import { sequence } from "./random.mjs";

const root = new URL("../../", import.meta.url);

/** Networks that the peers run in their dense form. `load` gives the model and what it is fed. */
export const CASES = [
  layerCase(1024, 64, 1),
  layerCase(1024, 64, 32),
  layerCase(4096, 256, 1),
  layerCase(4096, 256, 32),
  modelCase("mnist-mlp", "examples/digits", 1),
  modelCase("mnist-mlp", "examples/digits", 32),
  modelCase("mnist-cnn", "examples/digits", 1),
  modelCase("fashion-cnn", "examples/fashion", 1),
  modelCase("cifar10-cnn", undefined, 1),
];

function layerCase(n, k, batch) {
  return {
    name: `dense ${n}x${n} k=${k}, batch ${batch}`,
    batch,
    load() {
      const reals = sequence(2).reals(n * batch, 1);
      return { model: randomLayer(n, n, k), reals, feed: reals, feeds: "float32" };
    },
  };
}

/** A shipped model on images of its data set, or on random pixels where none are at hand. */
function modelCase(name, folder, batch) {
  return {
    name: `${name}, batch ${batch}`,
    batch,
    load() {
      const model = readModel(readFileSync(new URL(`models/${name}.safetensors`, root)));
      const { shape, mean, deviation } = model.input;
      const size = shape.reduce((a, b) => a * b);
      const feed = folder
        ? readImageSet(new URL(folder, root).pathname, "test").images.slice(0, size * batch)
        : Uint8Array.from(sequence(3).reals(size * batch, 127), (value) => value + 128);
      const reals = Float32Array.from(feed, (pixel) => (pixel / 255 - mean) / deviation);
      return { model, reals, feed, feeds: "pixels" };
    },
  };
}
