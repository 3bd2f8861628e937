import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const DIGITS = fileURLToPath(new URL("../../examples/digits/", import.meta.url));

/** A folder with the sample digits, to train on and to test with. */
export function digitsIn(folder: string): string {
  const data = join(folder, "data");
  mkdirSync(data, { recursive: true });
  for (const kind of ["images-idx3-ubyte.gz", "labels-idx1-ubyte.gz"]) {
    for (const split of ["train", "t10k"]) copyFileSync(join(DIGITS, `t10k-${kind}`), join(data, `${split}-${kind}`));
  }
  return data;
}

const dense = (out: number, k: number, activation: string) => ({ op: "dense", out, k, norm: false, activation });

/** A small configuration: two layers, four shapes in two rounds. */
export const SMALL = {
  recipe: {
    input: { shape: [28, 28, 1], mean: 0.1307, deviation: 0.3081 },
    layers: [{ op: "flatten" }, dense(32, 8, "relu"), dense(10, 8, "identity")],
    labels: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
    batch: 32,
    epochs: 2,
    rate: 0.005,
    warmup: 0.1,
    decay: 0.003,
    smoothing: 0.03,
    average: 0.9,
    distillation: { weight: 0, temperature: 4 },
    augmentation: { shift: 0, rotation: 0, scale: 0, shear: 0, elastic: 0, fade: 0.5, flip: false, cutout: 0 },
    validation: 100,
    seed: 1,
  },
  known: [],
  start: { epochs: 2, rate: 0.002 },
  blocks: { dense1: [4, 8, 16], dense2: [2, 8] },
  weightBits: [8, 10, 16],
  target: { accuracy: 0.7, bytes: 20000, device: { name: "a small part", megahertz: 50, dsp: 28 } },
  engines: [{ lanes: 1 }, { lanes: 2 }, { lanes: 4 }],
  search: {
    shapes: 4,
    axes: ["bytes", "cycles"],
    calibration: 40,
    rungs: [
      { epochs: 1, rate: 0.005, keep: 3 },
      { epochs: 2, rate: 0.003, keep: 2 },
    ],
    tolerances: [0, 0.2],
    finetune: { epochs: 1, rate: 0.0005 },
  },
} as const;
