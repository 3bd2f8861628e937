import type { Augmentation, TrainConfig } from "./config.ts";
import type { Arena, Kernels } from "./kernels.ts";
import { normal, type Random, stream } from "./random.ts";

/** Control points along a side of the displacement grid, as in the kernel. */
const GRID = 7;

/** Writes images into the lanes of an engine's input. */
export interface Painter {
  /** Draws the image as it is. */
  readonly copy: (image: Uint8Array, lane: number) => void;
  /** Draws it moved at random; the random numbers are those of this epoch and this image. */
  readonly move: (image: Uint8Array, lane: number, epoch: number, index: number) => void;
}

export function createPainter(
  kernels: Kernels,
  arena: Arena,
  config: TrainConfig,
  seed: number,
  input: { readonly address: number; readonly table: number },
): Painter {
  const [height, width] = config.input.shape;
  const size = height * width;
  const pixels = arena.take(size);
  const map = arena.take(24);
  const grid = arena.take(4 * GRID * GRID);
  const spline = arena.take(20 * Math.max(height, width));
  arena.floats(spline, 5 * Math.max(height, width)).set(splineTable(Math.max(height, width)));
  const scratch = arena.take(4 * GRID * width);
  const fields = [arena.take(4 * size), arena.take(4 * size)];
  const scale = 1 / (255 * config.input.deviation);
  const shift = -config.input.mean / config.input.deviation;
  const { augmentation } = config;
  const still = Object.values(augmentation).every((value) => value === 0);

  const copy = (image: Uint8Array, lane: number) => {
    arena.bytes(pixels, size).set(image);
    kernels.copyImage(pixels, size, input.address + 4 * lane, input.table, scale, shift);
  };
  const move = (image: Uint8Array, lane: number, epoch: number, index: number) => {
    if (still) return copy(image, lane);
    const random = stream(seed, 2, epoch, index);
    arena.bytes(pixels, size).set(image);
    arena.floats(map, 6).set(affineMap(augmentation, height, width, random));
    if (augmentation.elastic > 0) {
      for (const field of fields) {
        const points = arena.floats(grid, GRID * GRID);
        for (let at = 0; at < points.length; at++) points[at] = normal(random) * augmentation.elastic;
        kernels.smoothField(grid, spline, height, width, scratch, field);
      }
    }
    const out = input.address + 4 * lane;
    kernels.drawImage(pixels, height, width, out, input.table, map, fields[0], fields[1], scale, shift);
  };
  return { copy, move };
}

/** The map from a pixel of the result to its place in the image, about the image's middle. */
function affineMap(range: Augmentation, height: number, width: number, random: Random): number[] {
  const spread = (most: number) => (2 * random() - 1) * most;
  const angle = (spread(range.rotation) * Math.PI) / 180;
  const scaleX = 1 + spread(range.scale);
  const scaleY = 1 + spread(range.scale);
  const shear = spread(range.shear);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const a = cos * scaleX;
  const b = (shear * cos - sin) * scaleY;
  const d = sin * scaleX;
  const e = (shear * sin + cos) * scaleY;
  const [middleX, middleY] = [(width - 1) / 2, (height - 1) / 2];
  const c = middleX - a * middleX - b * middleY + spread(range.shift);
  const f = middleY - d * middleX - e * middleY + spread(range.shift);
  return [a, b, c, d, e, f];
}

/** For every pixel of a side the first of its four control points and the weights of the cubic B-spline. */
function splineTable(side: number): Float32Array {
  const table = new Float32Array(5 * side);
  for (let x = 0; x < side; x++) {
    const place = ((x + 0.5) / side) * (GRID - 3);
    const cell = Math.min(Math.floor(place), GRID - 4);
    const t = place - cell;
    const weights = [
      (1 - t) ** 3 / 6,
      (3 * t ** 3 - 6 * t ** 2 + 4) / 6,
      (-3 * t ** 3 + 3 * t ** 2 + 3 * t + 1) / 6,
      t ** 3 / 6,
    ];
    table.set([cell, ...weights], 5 * x);
  }
  return table;
}
