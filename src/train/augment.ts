import type { Augmentation, TrainConfig } from "./config.ts";
import type { Engine } from "./engine.ts";
import type { Arena, Kernels } from "./kernels.ts";
import { type Random, stream } from "./random.ts";

/** Control points along a side of the displacement grid, and zeros around an image, as in the kernel. */
const GRID = 7;
const MARGIN = 2;

/** Draws images for an engine: one into each lane, then all at once into its input. */
export interface Painter {
  /** Draws the image as it is. */
  readonly copy: (image: Uint8Array, lane: number) => void;
  /** Draws it moved at random; the random numbers are those of this epoch and this image. */
  readonly move: (image: Uint8Array, lane: number, epoch: number, index: number) => void;
  readonly place: () => void;
}

export function createPainter(kernels: Kernels, arena: Arena, config: TrainConfig, engine: Engine): Painter {
  const [height, width] = config.input.shape;
  const { seed, epochs } = config;
  const size = height * width;
  const room = 4 * size + 16;
  const stride = 64 * (Math.ceil(room / 64) | 1);
  const drawn = arena.take(stride * engine.images);
  const pixels = arena.take(size);
  const framed = arena.take((width + 2 * MARGIN) * (height + 2 * MARGIN));
  const numbers = arena.take(4 * (6 + 2 * GRID * GRID));
  const spline = arena.table(splineTable(Math.max(height, width)));
  const scratch = arena.take(4 * GRID * width + 16);
  const fields = [arena.take(room), arena.take(room)];
  const scale = 1 / (255 * config.input.deviation);
  const shift = -config.input.mean / config.input.deviation;

  const copy = (image: Uint8Array, lane: number) => {
    arena.bytes(pixels, size).set(image);
    kernels.copyImage(pixels, size, drawn + lane * stride, scale, shift);
  };
  const move = (image: Uint8Array, lane: number, epoch: number, index: number) => {
    const range = fadedBy(config.augmentation, epoch / Math.max(1, epochs - 1));
    if (!moves(range)) return copy(image, lane);
    arena.bytes(pixels, size).set(image);
    kernels.frameImage(pixels, height, width, framed);
    const random = stream(seed, 2, epoch, index);
    const values = arena.floats(numbers, 6 + 2 * GRID * GRID);
    values.set(affineMap(range, height, width, random));
    if (range.elastic > 0) {
      const most = range.elastic * Math.sqrt(3);
      for (let at = 6; at < values.length; at++) values[at] = (2 * random() - 1) * most;
      fields.forEach((field, axis) => {
        kernels.smoothField(numbers + 4 * (6 + axis * GRID * GRID), spline, height, width, scratch, field);
      });
    }
    const out = drawn + lane * stride;
    kernels.drawImage(framed, height, width, out, numbers, fields[0], fields[1], scale, shift);
  };
  const place = () => kernels.placeImages(drawn, stride, engine.images, size, engine.input, engine.inputTable);
  return { copy, move, place };
}

/** What is left of the augmentation at a share of the run. */
function fadedBy(range: Augmentation, share: number): Augmentation {
  const left = 1 - range.fade * share;
  const { shift, rotation, scale, shear, elastic, fade } = range;
  return {
    shift: shift * left,
    rotation: rotation * left,
    scale: scale * left,
    shear: shear * left,
    elastic: elastic * left,
    fade,
  };
}

function moves({ shift, rotation, scale, shear, elastic }: Augmentation): boolean {
  return shift > 0 || rotation > 0 || scale > 0 || shear > 0 || elastic > 0;
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
