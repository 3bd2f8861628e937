// Images a second of training the MNIST MLP, beside the dense network of the same shape.
import { fileURLToPath } from "node:url";
import { readImageSet } from "../../dist/data/read.js";
import { dense, MNIST_MLP, train } from "../../dist/train/index.js";
import { median, quantile } from "./rounds.mjs";
import { loadTfjs } from "./tfjs.mjs";

const DIGITS = fileURLToPath(new URL("../../examples/digits", import.meta.url));
/** What `circulant train` takes unless told. */
const DEFAULT_THREADS = 2;
/** Steps of a slice: about as long for each. */
const STEPS = { circulant: 40, "circulant dense": 2, "tfjs-wasm": 1, "tfjs-cpu": 1 };

/**
 * The recipe without augmentation and without held-out images, batches of 128, on the sample digits again and again:
 * time does not depend on what they show. AdamW against Adam. An epoch is as many steps as a slice has.
 */
const RECIPE = {
  ...MNIST_MLP,
  validation: 0,
  augmentation: { shift: 0, rotation: 0, scale: 0, shear: 0, elastic: 0, fade: 0, flip: false, cutout: 0 },
};

export async function training({ scale, log }) {
  const rounds = Math.max(3, Math.round(12 * scale));
  const peers = [await tfjsTrainer("wasm"), ...(scale >= 1 ? [await tfjsTrainer("cpu")] : [])];
  const own = [
    ownTrainer("circulant, 1 thread", RECIPE, "circulant", 1),
    ownTrainer(`circulant, ${DEFAULT_THREADS} threads`, RECIPE, "circulant", DEFAULT_THREADS),
    ownTrainer("circulant k = 1, 1 thread", dense(RECIPE), "circulant dense", 1),
  ];
  const trainers = [...own, ...peers];
  for (const trainer of trainers) await trainer.warm();
  const samples = trainers.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < trainers.length; turn++) {
      const at = (turn + round) % trainers.length;
      const { images, slice, seldom } = trainers[at];
      if (seldom && round >= 2) continue;
      samples[at].push(images / (await slice()));
    }
  }
  for (const { end } of trainers) await end();
  const results = trainers.map(({ name, loss }, i) => {
    const own = samples[0].slice(0, samples[i].length);
    const ratio = median(own.map((rate, round) => rate / samples[i][round]));
    return { name, rate: median(samples[i]), best: quantile(samples[i], 0.9), ratio, loss: loss() };
  });
  log(table(results));
  return results;
}

/** `train` with epochs of a few steps. It is halted between two epochs, so that others can have their slice. */
function ownTrainer(name, recipe, kind, workers) {
  const set = tile(readImageSet(DIGITS, "test"), STEPS[kind] * recipe.batch);
  const stop = new AbortController();
  let resume = () => {};
  let arrived = () => {};
  let last;
  const arrival = () =>
    new Promise((resolve) => {
      arrived = resolve;
    });
  const onEpoch = (checkpoint) => {
    last = checkpoint;
    arrived();
    return new Promise((resolve) => {
      resume = resolve;
    });
  };
  const slice = async () => {
    const epoch = arrival();
    const start = performance.now();
    resume();
    await epoch;
    return (performance.now() - start) / 1000;
  };
  let run;
  return {
    name,
    images: set.count,
    slice,
    async warm() {
      const first = arrival();
      run = train({ ...recipe, epochs: 10_000 }, set, { workers, onEpoch, signal: stop.signal }).catch(
        (error) => error,
      );
      await first;
      for (let i = 0; i < 3; i++) await slice();
    },
    loss: () => last.history.at(-1).loss,
    async end() {
      stop.abort();
      resume();
      await run;
    },
  };
}

/** A set of `count` images, those of another again and again. */
function tile({ images, labels, ...set }, count) {
  const size = images.length / set.count;
  const repeated = new Uint8Array(count * size);
  const classes = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const from = i % set.count;
    repeated.set(images.subarray(from * size, (from + 1) * size), i * size);
    classes[i] = labels[from];
  }
  return { ...set, images: repeated, labels: classes, count };
}

async function tfjsTrainer(backend) {
  const kind = `tfjs-${backend}`;
  const { batch } = RECIPE;
  const { images, labels } = tile(readImageSet(DIGITS, "test"), batch);
  const { mean, deviation } = RECIPE.input;
  const pixels = Float32Array.from(images, (pixel) => (pixel / 255 - mean) / deviation);
  let step;
  let loss;
  const slice = async () => {
    const tf = await loadTfjs(backend);
    step ??= makeStep(tf, pixels, labels, batch);
    const start = performance.now();
    for (let i = 0; i < STEPS[kind]; i++) loss = await step();
    return (performance.now() - start) / 1000;
  };
  const warm = async () => {
    for (let i = 0; i < 2; i++) await slice();
  };
  const images_ = STEPS[kind] * batch;
  return {
    name: `${kind} dense, 1 thread`,
    images: images_,
    slice,
    warm,
    seldom: backend === "cpu",
    loss: () => loss,
    end() {},
  };
}

function makeStep(tf, pixels, labels, batch) {
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: 1024, activation: "relu", inputShape: [784] }),
      tf.layers.dense({ units: 1024, activation: "relu" }),
      tf.layers.dense({ units: 10, activation: "softmax" }),
    ],
  });
  model.compile({ optimizer: tf.train.adam(0.001), loss: "categoricalCrossentropy" });
  const x = tf.tensor(pixels, [batch, 784]);
  const y = tf.oneHot(tf.tensor1d(labels, "int32"), 10);
  return () => model.trainOnBatch(x, y);
}

function table(results) {
  const line = (cells) =>
    cells[0].padEnd(30) +
    cells
      .slice(1)
      .map((cell) => cell.padStart(12))
      .join("");
  const rows = results.map(({ name, rate, best, ratio, loss }) =>
    line([name, rate.toFixed(0), best.toFixed(0), ratio.toFixed(1), loss.toFixed(3)]),
  );
  return [line(["training", "images/s", "90th", "x slower", "last loss"]), ...rows, ""].join("\n");
}
