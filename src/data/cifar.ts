import { join } from "node:path";
import { checkLabels, findFile, malformed, readMaybeGzipped, requireFile } from "./files.ts";
import type { ImageSet, Split } from "./images.ts";

const BATCHES: Readonly<Record<Split, readonly string[]>> = {
  train: [1, 2, 3, 4, 5].map((n) => `data_batch_${n}.bin`),
  test: ["test_batch.bin"],
};

/** The folder inside the published archive. */
const CIFAR_FOLDER = "cifar-10-batches-bin";

const CLASS_NAMES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];
const SIDE = 32;
const PLANE = SIDE * SIDE;
const RECORD = 1 + 3 * PLANE;

/** The folder of the batches: this one or the one inside that the archive has; undefined if neither holds a batch. */
export function cifarFolder(directory: string): string | undefined {
  const names = Object.values(BATCHES).flat();
  return [directory, join(directory, CIFAR_FOLDER)].find((folder) => names.some((name) => findFile(folder, name)));
}

/**
 * Reads one part of CIFAR-10 in its binary version: records of a label and the red, green and blue plane of an image;
 * each file gzipped or not.
 *
 * @param classes labels must be below this
 * @throws DataError naming the batch that is missing, cut or has a label out of range
 * @see Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009
 */
export function readCifar(folder: string, split: Split, classes = CLASS_NAMES.length): ImageSet {
  const files = BATCHES[split].map((name) => requireFile(folder, name));
  const batches = files.map((file) => readBatch(file, classes));
  const count = batches.reduce((sum, { labels }) => sum + labels.length, 0);
  const images = new Uint8Array(count * 3 * PLANE);
  const labels = new Uint8Array(count);
  let at = 0;
  batches.forEach((batch, index) => {
    const [expected, got] = [batches[0].labels.length, batch.labels.length];
    if (got !== expected) throw malformed(files[index], "records", `${expected}, as in the first batch`, got);
    images.set(batch.images, at * 3 * PLANE);
    labels.set(batch.labels, at);
    at += got;
  });
  return { images, labels, count, height: SIDE, width: SIDE, channels: 3, classNames: CLASS_NAMES };
}

function readBatch(file: string, classes: number): Pick<ImageSet, "images" | "labels"> {
  const bytes = readMaybeGzipped(file);
  const count = Math.floor(bytes.length / RECORD);
  if (count === 0 || count * RECORD !== bytes.length) {
    throw malformed(file, "length", `whole records of ${RECORD} bytes`, `${bytes.length} bytes`);
  }
  const labels = Uint8Array.from({ length: count }, (_, record) => bytes[record * RECORD]);
  checkLabels(labels, classes, file);
  const images = new Uint8Array(count * 3 * PLANE);
  for (let record = 0, to = 0; record < count; record++) {
    const planes = record * RECORD + 1;
    for (let pixel = planes; pixel < planes + PLANE; pixel++) {
      images[to++] = bytes[pixel];
      images[to++] = bytes[pixel + PLANE];
      images[to++] = bytes[pixel + 2 * PLANE];
    }
  }
  return { images, labels };
}
