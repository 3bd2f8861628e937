/** Images a second and GFLOP/s of a training step of convolutional networks, one thread: node bench/train.mjs [name ...] */
import { parseConfig } from "../dist/train/config.js";
import { trainFlops } from "../dist/train/cost.js";
import { createEngine } from "../dist/train/engine.js";
import { createArena, instantiateKernels } from "../dist/train/kernels.js";
import { initialise, layOut } from "../dist/train/parameters.js";
import { dense, MNIST_MLP } from "../dist/train/recipe.js";

const MILLISECONDS = Number(process.env.BENCH_MS ?? 2000);

const conv = (out, k, stride = 1) => {
  return { op: "conv2d", out, kernel: 3, stride, pad: 1, k, norm: true, activation: "relu" };
};
const block = (out, k) => ({
  op: "residual",
  layers: [conv(out, k), { ...conv(out, k), activation: "identity" }],
  shortcut: [],
  activation: "relu",
});
const CIFAR = parseConfig({
  ...MNIST_MLP,
  input: { shape: [32, 32, 3], mean: 0.5, deviation: 0.25 },
  layers: [
    conv(32, 1),
    ...[conv(64, 8, 2), block(64, 16)],
    ...[conv(128, 16, 2), block(128, 16)],
    ...[conv(256, 16, 2), block(256, 16)],
    ...[{ op: "globalavgpool" }, { op: "dense", out: 10, k: 1, norm: false, activation: "identity" }],
  ],
});

const CASES = {
  circulant: [CIFAR, 16],
  dense: [dense(CIFAR), 16],
  mlp: [MNIST_MLP, 32],
  "mlp-dense": [dense(MNIST_MLP), 32],
};

for (const name of process.argv.length > 2 ? process.argv.slice(2) : Object.keys(CASES)) {
  const [config, images] = CASES[name];
  const shape = layOut(config);
  const kernels = instantiateKernels();
  const spent = new Map();
  const timed = Object.fromEntries(
    Object.entries(kernels).map(([key, kernel]) => {
      if (typeof kernel !== "function" || key === "heapBase" || !process.env.PROFILE) return [key, kernel];
      const wrapped = (...values) => {
        const start = performance.now();
        kernel(...values);
        spent.set(key, (spent.get(key) ?? 0) + performance.now() - start);
      };
      return [key, wrapped];
    }),
  );
  const arena = createArena(timed);
  const engine = createEngine(timed, arena, config, images);
  arena.floats(engine.parameters, shape.words).set(initialise(shape, 1));
  const offsets = new Uint32Array(
    kernels.memory.buffer,
    engine.inputTable,
    config.input.shape.reduce((a, b) => a * b),
  );
  const fill = () => {
    for (const offset of offsets) arena.floats(engine.input + offset, images).fill((offset % 97) / 97 - 0.5);
  };
  engine.prepare();
  const step = () => {
    engine.forward(false);
    engine.loss(images, 0.1, 1 / 128);
    engine.backward();
  };
  fill();
  step();
  spent.clear();
  let groups = 0;
  let seconds = 0;
  while (seconds * 1000 < MILLISECONDS) {
    fill();
    const start = performance.now();
    step();
    seconds += (performance.now() - start) / 1000;
    groups++;
  }
  const rate = (groups * images) / seconds;
  const flops = trainFlops(shape);
  const size = (kernels.memory.buffer.byteLength / 2 ** 20).toFixed(0);
  console.log(
    `${name}: ${rate.toFixed(0)} images/s, ${((rate * flops) / 1e9).toFixed(1)} GFLOP/s, ` +
      `${(flops / 6e6).toFixed(1)} M products an image, ${shape.words} words, ${size} MiB`,
  );
  for (const [key, value] of [...spent].sort((a, b) => b[1] - a[1]).slice(0, 14)) {
    console.log(`  ${key.padEnd(18)} ${((value / (groups * images)) * 1000).toFixed(1)} us an image`);
  }
}
