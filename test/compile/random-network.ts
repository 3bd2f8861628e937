import { volume } from "../../src/model/shape.ts";
import type { Activation, FloatNetwork, FloatNorm, FloatOperation, Shape } from "../../src/train/network.ts";
import { random } from "../model/random-model.ts";

/** Numbers of mean 0 and deviation 1 by Box and Muller; the same for the same seed. */
export function normal(seed: number): () => number {
  const next = random(seed);
  const unit = () => (next() + 0.5) / 2 ** 32;
  return () => Math.sqrt(-2 * Math.log(unit())) * Math.cos(2 * Math.PI * unit());
}

/** Adds operations of random weights that keep the size of their values; each returns the number of its tensor. */
export interface Builder {
  dense(from: number, out: number, k: number, activation: Activation, norm?: boolean): number;
  conv2d(from: number, out: number, k: number, window: Sliding, activation: Activation, norm?: boolean): number;
  depthwise(from: number, window: Sliding, activation: Activation, norm?: boolean): number;
  maxpool(from: number, window: Sliding): number;
  avgpool(from: number, window: readonly [number, number], stride: number): number;
  add(a: number, b: number, activation: Activation): number;
  flatten(from: number): number;
  build(): FloatNetwork;
}

/** How a kernel or a window slides. */
export interface Sliding {
  readonly kernel: readonly [number, number];
  readonly stride: number;
  readonly pad: number;
}

export function networkBuilder(seed: number, shape: Shape): Builder {
  const draw = normal(seed);
  const shapes: Shape[] = [shape];
  const operations: FloatOperation[] = [];
  const base = (from: readonly number[], output: Shape) => ({ name: `op${shapes.length}`, inputs: from, output });
  const push = (operation: FloatOperation) => {
    operations.push(operation);
    shapes.push(operation.output);
    return operations.length;
  };
  const slid = (from: number, { kernel, stride, pad }: Sliding, channels: number): Shape => {
    const side = (length: number, window: number) => Math.floor((length + 2 * pad - window) / stride) + 1;
    return [side(shapes[from][0], kernel[0]), side(shapes[from][1], kernel[1]), channels];
  };
  const values = (length: number, deviation: number, mean = 0) =>
    Float32Array.from({ length }, () => mean + draw() * deviation);
  const normOf = (blocks: number, channels: number): FloatNorm => ({
    scale: values(blocks, 0.3, 1),
    mean: values(channels, 0.5),
    variance: values(blocks, 0.3).map((value) => 0.5 + Math.abs(value)),
    epsilon: 1e-5,
  });
  const circulant = (words: number, out: number, k: number, taps: number, norm: boolean) => {
    const p = Math.ceil(out / k);
    const q = Math.ceil(words / k);
    const weights = values(taps * p * q * k, Math.sqrt(2 / (words * taps)));
    return { in: words, out, k, p, q, weights, bias: values(out, 0.1), ...(norm && { norm: normOf(p, out) }) };
  };
  return {
    dense: (from, out, k, activation, norm = false) =>
      push({ op: "dense", ...base([from], [1, 1, out]), ...circulant(shapes[from][2], out, k, 1, norm), activation }),
    conv2d(from, out, k, window, activation, norm = false) {
      const product = circulant(shapes[from][2], out, k, window.kernel[0] * window.kernel[1], norm);
      return push({ op: "conv2d", ...base([from], slid(from, window, out)), ...window, ...product, activation });
    },
    depthwise(from, window, activation, norm = false) {
      const channels = shapes[from][2];
      const taps = window.kernel[0] * window.kernel[1];
      return push({
        op: "depthwise",
        ...base([from], slid(from, window, channels)),
        ...window,
        channels,
        activation,
        weights: values(taps * channels, Math.sqrt(2 / taps)),
        bias: values(channels, 0.1),
        ...(norm && { norm: normOf(channels, channels) }),
      });
    },
    maxpool(from, { kernel: window, stride, pad }) {
      const output = slid(from, { kernel: window, stride, pad }, shapes[from][2]);
      return push({ op: "maxpool", ...base([from], output), window, stride, pad });
    },
    avgpool(from, window, stride) {
      const output = slid(from, { kernel: window, stride, pad: 0 }, shapes[from][2]);
      return push({ op: "avgpool", ...base([from], output), window, stride });
    },
    add: (a, b, activation) => push({ op: "add", ...base([a, b], shapes[a]), activation }),
    flatten: (from) => push({ op: "flatten", ...base([from], [1, 1, volume(shapes[from])]) }),
    build: () => ({ input: { shape, mean: 0.1307, deviation: 0.3081 }, operations, labels: [] }),
  };
}

/** A chain of dense layers; relus but for the last. */
export function randomNetwork(seed: number, sizes: readonly number[], k: number): FloatNetwork {
  const builder = networkBuilder(seed, [1, 1, sizes[0]]);
  for (const [n, out] of sizes.slice(1).entries()) {
    builder.dense(n, out, k, n < sizes.length - 2 ? "relu" : "identity");
  }
  return builder.build();
}

/** A network with every kind of operation, odd sides and channels that are no multiples of a block. */
export function everyOperation(seed: number): FloatNetwork {
  const net = networkBuilder(seed, [11, 9, 3]);
  const same: Sliding = { kernel: [3, 3], stride: 1, pad: 1 };
  const first = net.conv2d(0, 13, 4, same, "relu", true);
  const pooled = net.maxpool(first, { kernel: [3, 2], stride: 2, pad: 1 });
  const deep = net.depthwise(pooled, same, "relu", true);
  const branch = net.conv2d(deep, 13, 8, same, "identity", true);
  const sum = net.add(branch, pooled, "relu");
  const shortcut = net.conv2d(sum, 10, 1, { kernel: [1, 1], stride: 2, pad: 0 }, "identity");
  const other = net.conv2d(sum, 10, 16, { kernel: [3, 1], stride: 2, pad: 0 }, "identity", true);
  const crop = net.maxpool(shortcut, { kernel: [2, 1], stride: 1, pad: 0 });
  const joined = net.add(crop, other, "identity");
  const mean = net.avgpool(joined, [2, 3], 1);
  const flat = net.flatten(mean);
  net.dense(net.dense(flat, 21, 8, "relu", true), 5, 2, "identity");
  return net.build();
}

/** `count` inputs as sparse as those of digits. */
export function randomInputs(seed: number, size: number, count: number): readonly Float32Array[] {
  const next = random(seed);
  const pixel = () => (next() % 4 === 0 ? (next() % 256) / 255 : 0);
  return Array.from({ length: count }, () => Float32Array.from({ length: size }, () => (pixel() - 0.1307) / 0.3081));
}
