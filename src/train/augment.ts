import type { Augmentation, TrainConfig } from "./config.ts";
import type { Engine } from "./engine.ts";
import type { Arena, Kernels } from "./kernels.ts";
import { type Random, stream } from "./random.ts";

/** Control points along a side of the displacement grid, and zeros around an image, as in the kernel. */
const GRID = 7;
const MARGIN = 2;

/** Draws images for an engine: one into each lane, then all at once into its input. */
export interface Painter {
  /** Draws the image, height * width * channels bytes, as it is. */
  readonly copy: (image: Uint8Array, lane: number) => void;
  /** Draws it changed at random; the random numbers are those of this epoch and this image. */
  readonly move: (image: Uint8Array, lane: number, epoch: number, index: number) => void;
  readonly place: () => void;
}

/** A lane holds the planes of an image one after the other; `place` puts them into the order of the engine's input. */
export function createPainter(
  kernels: Kernels,
  arena: Arena,
  config: TrainConfig,
  engine: Pick<Engine, "images" | "input" | "inputTable">,
): Painter {
  const [height, width, channels] = config.input.shape;
  const { seed, epochs, augmentation } = config;
  const plane = height * width;
  const size = plane * channels;
  const stride = 64 * (Math.ceil((4 * size + 16) / 64) | 1);
  const drawn = arena.take(stride * engine.images);
  const pixels = arena.take(size);
  const planes = arena.take(size);
  const table = arena.table(planarTable(kernels, engine.inputTable, plane, channels));
  const scale = 1 / (255 * config.input.deviation);
  const shift = -config.input.mean / config.input.deviation;
  const warp = createWarp(kernels, arena, height, width);

  const copyMoved = (lane: number, dx: number, dy: number, flip: boolean) => {
    for (let c = 0; c < channels; c++) {
      kernels.takePlane(pixels + c, height, width, channels, planes + c * plane, width, dx, dy, flip ? 1 : 0);
    }
    kernels.copyImage(planes, size, drawn + lane * stride, scale, shift);
  };
  const copy = (image: Uint8Array, lane: number) => {
    arena.bytes(pixels, size).set(image);
    copyMoved(lane, 0, 0, false);
  };
  const move = (image: Uint8Array, lane: number, epoch: number, index: number) => {
    const range = fadedBy(augmentation, epoch / Math.max(1, epochs - 1));
    const random = stream(seed, 2, epoch, index);
    const flip = augmentation.flip && random() < 0.5;
    arena.bytes(pixels, size).set(image);
    const out = drawn + lane * stride;
    if (warps(range)) {
      warp.prepare(range, random);
      for (let c = 0; c < channels; c++) warp.draw(pixels + c, channels, flip, out + 4 * c * plane, scale, shift);
    } else {
      const most = Math.round(range.shift);
      copyMoved(lane, wholeSpread(most, random), wholeSpread(most, random), flip);
    }
    const side = augmentation.cutout;
    if (side === 0) return;
    const [top, bottom] = cutAround(side, height, random);
    const [left, right] = cutAround(side, width, random);
    kernels.clearSquare(out, height, width, channels, top, bottom, left, right);
  };
  const place = () => kernels.placeImages(drawn, stride, engine.images, size, engine.input, table);
  return { copy, move, place };
}

/** The engine's table from an element to its row, with the elements plane by plane. */
function planarTable(kernels: Kernels, inputTable: number, plane: number, channels: number): number[] {
  const rows = new Uint32Array(kernels.memory.buffer, inputTable, plane * channels);
  return Array.from({ length: plane * channels }, (_, e) => rows[(e % plane) * channels + Math.floor(e / plane)]);
}

/** Draws planes through an affine map and a smooth displacement; `prepare` chooses them for all planes of an image. */
function createWarp(kernels: Kernels, arena: Arena, height: number, width: number) {
  const row = width + 2 * MARGIN;
  const framed = arena.take(row * (height + 2 * MARGIN));
  const inside = framed + MARGIN * row + MARGIN;
  const numbers = arena.take(4 * (6 + 2 * GRID * GRID));
  const spline = arena.table(splineTable(Math.max(height, width)));
  const scratch = arena.take(4 * GRID * width + 16);
  const fields = [0, 1].map(() => arena.take(4 * height * width + 16));

  const prepare = (range: Augmentation, random: Random) => {
    const values = arena.floats(numbers, 6 + 2 * GRID * GRID);
    values.set(affineMap(range, height, width, random));
    const most = range.elastic * Math.sqrt(3);
    if (most === 0) return;
    for (let at = 6; at < values.length; at++) values[at] = (2 * random() - 1) * most;
    fields.forEach((field, axis) => {
      kernels.smoothField(numbers + 4 * (6 + axis * GRID * GRID), spline, height, width, scratch, field);
    });
  };
  const draw = (image: number, channels: number, flip: boolean, out: number, scale: number, shift: number) => {
    kernels.takePlane(image, height, width, channels, inside, row, 0, 0, flip ? 1 : 0);
    kernels.drawImage(framed, height, width, out, numbers, fields[0], fields[1], scale, shift);
  };
  return { prepare, draw };
}

/** What is left of the movement at a share of the run. */
function fadedBy(range: Augmentation, share: number): Augmentation {
  const left = 1 - range.fade * share;
  const { shift, rotation, scale, shear, elastic } = range;
  return {
    ...range,
    shift: shift * left,
    rotation: rotation * left,
    scale: scale * left,
    shear: shear * left,
    elastic: elastic * left,
  };
}

/** Whether more than a shift is left: then it is by parts of pixels too, else by whole ones. */
function warps({ rotation, scale, shear, elastic }: Augmentation): boolean {
  return rotation > 0 || scale > 0 || shear > 0 || elastic > 0;
}

/** A whole number from -most to most. */
function wholeSpread(most: number, random: Random): number {
  return most === 0 ? 0 : Math.floor(random() * (2 * most + 1)) - most;
}

/** The stretch of a side that a cut around a random pixel takes (DeVries and Taylor, 2017). */
function cutAround(cut: number, side: number, random: Random): [number, number] {
  const first = Math.floor(random() * side) - (cut >> 1);
  return [Math.max(0, first), Math.min(side, first + cut)];
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
