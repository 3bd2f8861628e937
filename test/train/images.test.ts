import { describe, expect, test } from "vitest";
import { createArena, instantiateKernels } from "../../src/train/kernels.ts";
import { stream } from "../../src/train/random.ts";

const [HEIGHT, WIDTH] = [5, 7];
const SIZE = HEIGHT * WIDTH;
const kernels = instantiateKernels();
const arena = createArena(kernels);

const image = Uint8Array.from({ length: SIZE }, (_, e) => (37 * e + 11) % 256);
const pixels = arena.take(SIZE);
const framed = arena.take((WIDTH + 4) * (HEIGHT + 4));
const map = arena.take(24);
const [fieldU, fieldV, out] = [1, 2, 3].map(() => arena.take(4 * SIZE + 16));

/** The image drawn through a map, as it is (scale 1, shift 0) and without displacement. */
function draw(...values: number[]): Float32Array {
  arena.bytes(pixels, SIZE).set(image);
  kernels.takePlane(pixels, HEIGHT, WIDTH, 1, framed + 2 * (WIDTH + 4) + 2, WIDTH + 4, 0, 0, 0);
  arena.floats(map, 6).set(values);
  kernels.drawImage(framed, HEIGHT, WIDTH, out, map, fieldU, fieldV, 1, 0);
  return arena.floats(out, SIZE).slice();
}

/** Bilinear interpolation, plainly. */
function expected(u: number, v: number): number {
  const at = (x: number, y: number) => (x < 0 || x >= WIDTH || y < 0 || y >= HEIGHT ? 0 : image[y * WIDTH + x]);
  const [i, j] = [Math.floor(u), Math.floor(v)];
  const [fu, fv] = [u - i, v - j];
  const upper = (1 - fu) * at(i, j) + fu * at(i + 1, j);
  const lower = (1 - fu) * at(i, j + 1) + fu * at(i + 1, j + 1);
  return (1 - fv) * upper + fv * lower;
}

describe("drawImage", () => {
  test("with the identity gives what copyImage gives", () => {
    const drawn = draw(1, 0, 0, 0, 1, 0);
    kernels.copyImage(pixels, SIZE, out, 1, 0);
    expect(drawn).toEqual(arena.floats(out, SIZE));
    expect(Array.from(drawn)).toEqual(Array.from(image));
  });

  const maps: readonly (readonly [string, readonly number[]])[] = [
    ["a whole shift", [1, 0, 2, 0, 1, -1]],
    ["a half shift", [1, 0, 0.5, 0, 1, 0.5]],
    ["a shift out of the image", [1, 0, 100, 0, 1, -100]],
    ["a rotation and a scale", [0.9, -0.4, 1.3, 0.4, 1.1, -0.8]],
  ];
  test.each(maps)("with %s interpolates, and is 0 outside", (_, [a, b, c, d, e, f]) => {
    const drawn = draw(a, b, c, d, e, f);
    drawn.forEach((value, at) => {
      const [x, y] = [at % WIDTH, Math.floor(at / WIDTH)];
      // float32 coordinates of size 10 and differences of 255: 255 * 2^-20 a coordinate
      expect(Math.abs(value - expected(a * x + b * y + c, d * x + e * y + f))).toBeLessThan(2e-3);
    });
  });

  test("adds the displacement to the map", () => {
    arena.floats(fieldU, SIZE).fill(2);
    arena.floats(fieldV, SIZE).fill(-1);
    const moved = draw(1, 0, 0, 0, 1, 0);
    arena.floats(fieldU, SIZE).fill(0);
    arena.floats(fieldV, SIZE).fill(0);
    expect(moved).toEqual(draw(1, 0, 2, 0, 1, -1));
  });
});

describe("takePlane", () => {
  const [ROW, CHANNELS] = [WIDTH + 3, 3];
  const colours = Uint8Array.from({ length: CHANNELS * SIZE }, (_, e) => 1 + ((41 * e) % 255));
  const source = arena.take(CHANNELS * SIZE);
  const plane = arena.take(ROW * HEIGHT);
  arena.bytes(source, CHANNELS * SIZE).set(colours);

  /** The channel moved, in rows of ROW bytes between which nothing is written. */
  function moved(channel: number, dx: number, dy: number, flip: boolean): number[] {
    return Array.from({ length: ROW * HEIGHT }, (_, at) => {
      const [y, x] = [Math.floor(at / ROW) + dy, (at % ROW) + dx];
      if (at % ROW >= WIDTH) return 77;
      if (y < 0 || y >= HEIGHT || x < 0 || x >= WIDTH) return 0;
      return colours[(y * WIDTH + (flip ? WIDTH - 1 - x : x)) * CHANNELS + channel];
    });
  }

  test.each([false, true])("moves a channel by any whole shift, mirrored: %s", (flip) => {
    for (const channel of [0, 2]) {
      for (const dx of [-100, -WIDTH, -2, 0, 1, WIDTH - 1, WIDTH]) {
        for (const dy of [-HEIGHT, -1, 0, 3, 50]) {
          arena.bytes(plane, ROW * HEIGHT).fill(77);
          kernels.takePlane(source + channel, HEIGHT, WIDTH, CHANNELS, plane, ROW, dx, dy, flip ? 1 : 0);
          const got = Array.from(arena.bytes(plane, ROW * HEIGHT));
          expect(got, `${channel} ${dx} ${dy}`).toEqual(moved(channel, dx, dy, flip));
        }
      }
    }
  });

  test("moves a grey image, row by row", () => {
    arena.bytes(pixels, SIZE).set(image);
    kernels.takePlane(pixels, HEIGHT, WIDTH, 1, plane, WIDTH, 2, -1, 0);
    const expected = Array.from(image, (_, at) => {
      const [y, x] = [Math.floor(at / WIDTH) - 1, (at % WIDTH) + 2];
      return y >= 0 && x < WIDTH ? image[y * WIDTH + x] : 0;
    });
    expect(Array.from(arena.bytes(plane, SIZE))).toEqual(expected);
  });
});

test("copyImage gives byte * scale + shift for any number of bytes, and no more", () => {
  const all = arena.take(256);
  const target = arena.take(4 * 264);
  arena.bytes(all, 256).set(Uint8Array.from({ length: 256 }, (_, byte) => byte));
  for (const count of [256, 255, 9, 8, 7, 1]) {
    arena.floats(target, 264).fill(-5);
    kernels.copyImage(all, count, target, 0.1, -0.4);
    const [scale, shift] = [Math.fround(0.1), Math.fround(-0.4)];
    const expected = Array.from({ length: 264 }, (_, e) =>
      e < count ? Math.fround(Math.fround(e * scale) + shift) : -5,
    );
    expect(Array.from(arena.floats(target, 264))).toEqual(expected);
  }
});

test("clearSquare sets its window to 0 in every plane", () => {
  const target = arena.take(4 * 2 * SIZE);
  arena.floats(target, 2 * SIZE).fill(1);
  kernels.clearSquare(target, HEIGHT, WIDTH, 2, 1, 3, 4, 7);
  const expected = Array.from({ length: 2 * SIZE }, (_, at) => {
    const [y, x] = [Math.floor((at % SIZE) / WIDTH), at % WIDTH];
    return y >= 1 && y < 3 && x >= 4 ? 0 : 1;
  });
  expect(Array.from(arena.floats(target, 2 * SIZE))).toEqual(expected);
});

test("smoothField with equal control points is flat, whatever the weights' places", () => {
  const grid = arena.take(4 * 49);
  arena.floats(grid, 49).fill(3);
  const side = Math.max(HEIGHT, WIDTH);
  const weights = new Float32Array(5 * side);
  for (let x = 0; x < side; x++) weights.set([x % 4, 1 / 6, 4 / 6, 1 / 6, 0], 5 * x);
  kernels.smoothField(grid, arena.table(weights), HEIGHT, WIDTH, arena.take(4 * 7 * WIDTH + 16), fieldU);
  for (const value of arena.floats(fieldU, SIZE)) expect(value).toBeCloseTo(3, 5);
  arena.floats(fieldU, SIZE).fill(0);
});

test("placeImages lays word e of every image at its row", () => {
  const [images, count, stride] = [8, 13, 64];
  const random = stream(3);
  const drawn = arena.take(stride * images);
  arena.floats(drawn, (stride / 4) * images).forEach((_, at, words) => {
    words[at] = random();
  });
  const rows = Array.from({ length: count }, (_, e) => (5 * e) % count);
  const target = arena.take(32 * count);
  const table = arena.table(rows.map((row) => 32 * row));
  kernels.placeImages(drawn, stride, images, count, target, table);
  const [source, placed] = [arena.floats(drawn, (stride / 4) * images), arena.floats(target, 8 * count)];
  rows.forEach((row, e) => {
    for (let b = 0; b < images; b++) expect(placed[8 * row + b]).toBe(source[(stride / 4) * b + e]);
  });
});
