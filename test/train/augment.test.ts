import { describe, expect, test } from "vitest";
import { createPainter } from "../../src/train/augment.ts";
import { type Augmentation, parseConfig } from "../../src/train/config.ts";
import { createArena, instantiateKernels } from "../../src/train/kernels.ts";
import { MNIST_MLP } from "../../src/train/recipe.ts";

const [HEIGHT, WIDTH, CHANNELS] = [6, 5, 3];
const SIZE = HEIGHT * WIDTH * CHANNELS;
const LANES = 8;
const NONE: Augmentation = {
  ...{ shift: 0, rotation: 0, scale: 0, shear: 0, elastic: 0, fade: 0 },
  ...{ flip: false, cutout: 0 },
};
const IMAGE = Uint8Array.from({ length: SIZE }, (_, e) => 1 + ((53 * e) % 255));

/** What a painter lays into an input whose rows are in reverse order, as images in the order of the data set. */
function paint(change: Partial<Augmentation>, epoch = 0, epochs = 3, first = 0, image = IMAGE): number[][] {
  const config = parseConfig({
    ...MNIST_MLP,
    input: { shape: [HEIGHT, WIDTH, CHANNELS], mean: 0, deviation: 1 / 255 },
    augmentation: { ...NONE, ...change },
    epochs,
  });
  const kernels = instantiateKernels();
  const arena = createArena(kernels);
  const input = arena.take(4 * LANES * SIZE);
  const rows = Array.from({ length: SIZE }, (_, e) => 4 * LANES * (SIZE - 1 - e));
  const painter = createPainter(kernels, arena, config, { images: LANES, input, inputTable: arena.table(rows) });
  for (let lane = 0; lane < LANES; lane++) painter.move(image, lane, epoch, first + lane);
  painter.place();
  const placed = arena.floats(input, LANES * SIZE);
  return Array.from({ length: LANES }, (_, lane) =>
    rows.map((row) => Math.round(1000 * placed[row / 4 + lane]) / 1000),
  );
}

/** The image mirrored and moved by whole pixels. */
function moved(dx: number, dy: number, flip: boolean): number[] {
  return Array.from(IMAGE, (_, e) => {
    const [y, x, c] = [Math.floor(e / CHANNELS / WIDTH) + dy, (Math.floor(e / CHANNELS) % WIDTH) + dx, e % CHANNELS];
    if (y < 0 || y >= HEIGHT || x < 0 || x >= WIDTH) return 0;
    return IMAGE[(y * WIDTH + (flip ? WIDTH - 1 - x : x)) * CHANNELS + c];
  });
}

const manyPictures = (change: Partial<Augmentation>, epoch = 0) =>
  [0, 8, 16, 24, 32, 40, 48, 56].flatMap((first) => paint(change, epoch, 3, first));

describe("a painter of three channels", () => {
  test("without augmentation shows every image as it is", () => {
    for (const picture of paint({})) expect(picture).toEqual(Array.from(IMAGE));
  });

  test("with flip mirrors about half of the images, in every epoch", () => {
    for (const epoch of [0, 2]) {
      const pictures = manyPictures({ flip: true, fade: 1 }, epoch).map((picture) => picture.join());
      const [plain, mirrored] = [moved(0, 0, false).join(), moved(0, 0, true).join()];
      const flipped = pictures.filter((picture) => picture === mirrored).length;
      expect(pictures.filter((picture) => picture === plain).length).toBe(64 - flipped);
      // 64 fair coins: 32 with a deviation of 4
      expect(Math.abs(flipped - 32)).toBeLessThan(16);
    }
  });

  test("with shift alone moves by whole pixels, all of them and no farther, less as it fades", () => {
    const every = (most: number) => {
      const steps = Array.from({ length: 2 * most + 1 }, (_, at) => at - most);
      return steps.flatMap((dx) => steps.map((dy) => moved(dx, dy, false).join()));
    };
    const shown = (epoch: number) =>
      new Set(manyPictures({ shift: 2, fade: 1 }, epoch).map((picture) => picture.join()));
    for (const [epoch, most] of [
      [0, 2],
      [1, 1],
      [2, 0],
    ]) {
      const allowed = new Set(every(most));
      for (const picture of shown(epoch)) expect(allowed).toContain(picture);
    }
    expect(shown(0).size).toBeGreaterThan(15);
    expect(shown(1).size).toBe(9);
  });

  test("with cutout sets one square to the mean, clipped at the border", () => {
    const holes = manyPictures({ cutout: 2, fade: 1 }, 2).map((picture) => {
      const pixels = IMAGE.findIndex((_, e) => picture[e] === 0) / CHANNELS;
      const cleared = picture.flatMap((value, e) => (value === 0 ? [Math.floor(e / CHANNELS)] : []));
      for (const [e, value] of picture.entries()) expect([0, IMAGE[e]]).toContain(value);
      expect(cleared.length % CHANNELS).toBe(0);
      const rows = cleared.map((pixel) => Math.floor(pixel / WIDTH));
      const columns = cleared.map((pixel) => pixel % WIDTH);
      expect(Math.max(...rows) - Math.min(...rows)).toBeLessThan(2);
      expect(Math.max(...columns) - Math.min(...columns)).toBeLessThan(2);
      return `${pixels} ${cleared.length}`;
    });
    expect(new Set(holes).size).toBeGreaterThan(10);
  });

  test("warps all channels alike", () => {
    const grey = IMAGE.map((_, e) => 1 + ((31 * Math.floor(e / CHANNELS)) % 255));
    for (const picture of paint({ rotation: 20, elastic: 1, flip: true }, 0, 3, 0, grey)) {
      const planes = [0, 1, 2].map((c) => picture.filter((_, e) => e % CHANNELS === c));
      expect(planes[1]).toEqual(planes[0]);
      expect(planes[2]).toEqual(planes[0]);
      expect(picture).not.toEqual(Array.from(grey));
    }
  });

  test("gives the same for the same seed, epoch and image, and something else for another epoch", () => {
    const change = { shift: 1, rotation: 10, elastic: 1, flip: true, cutout: 2 };
    expect(paint(change, 1)).toEqual(paint(change, 1));
    expect(paint(change, 1)).not.toEqual(paint(change, 0));
  });
});
