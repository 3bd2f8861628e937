import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { decode } from "fast-png";
import { fault } from "./files.ts";
import type { ImageSet, Split } from "./images.ts";

const SPLITS: readonly Split[] = ["train", "test"];

/** Most classes: a label is a byte. */
const MOST_CLASSES = 256;

/** Whether a folder holds a folder `train` or `test`. */
export function holdsImageFolders(directory: string): boolean {
  return SPLITS.some((split) => isFolder(join(directory, split)));
}

/**
 * Reads one part of a data set from PNG images in `train/<class>/` and `test/<class>/`: 8 bits, grey or RGB, all of one
 * size. The classes are the names of the folders in order. The images come in the order of the SHA-256 of their paths,
 * so that every stretch of them holds all classes.
 *
 * @param classes at most as many folders
 * @throws DataError naming the file or folder that is missing or does not fit
 */
export function readImageFolders(directory: string, split: Split, classes = MOST_CLASSES): ImageSet {
  const classNames = findClasses(directory, split);
  if (classNames.length > classes) throw fault(join(directory, split), `at most ${classes} classes`, classNames.length);
  const files = classNames.flatMap((name, label) => listImages(directory, `${split}/${name}`, label));
  files.sort((a, b) => (a.order < b.order ? -1 : 1));
  const first = readPng(files[0].path);
  const { height, width, channels } = first;
  const size = height * width * channels;
  const images = new Uint8Array(files.length * size);
  files.forEach(({ path }, index) => {
    const image = index === 0 ? first : readPng(path);
    if (image.height !== height || image.width !== width || image.channels !== channels) {
      throw fault(path, `${shown(first)} as ${files[0].path}`, shown(image));
    }
    images.set(image.data, index * size);
  });
  const labels = Uint8Array.from(files, ({ label }) => label);
  return { images, labels, count: files.length, height, width, channels, classNames };
}

/** The names of the classes, which both parts must have in common where both are there. */
function findClasses(directory: string, split: Split): string[] {
  const own = join(directory, split);
  if (!isFolder(own)) throw fault(own, "a folder with a folder of PNG images for every class", "none");
  const [names, ...others] = [own, ...SPLITS.map((other) => join(directory, other)).filter(isFolder)].map((folder) =>
    list(folder).filter((name) => isFolder(join(folder, name))),
  );
  if (names.length === 0) throw fault(own, "a folder for every class", "none");
  const odd = others.find((other) => other.join("/") !== names.join("/"));
  if (odd) throw fault(directory, "the same classes in train and test", `${names.join(", ")} and ${odd.join(", ")}`);
  return names;
}

interface ImageFile {
  readonly path: string;
  readonly label: number;
  readonly order: string;
}

function listImages(directory: string, folder: string, label: number): ImageFile[] {
  const names = list(join(directory, folder));
  if (names.length === 0) throw fault(join(directory, folder), "at least one PNG image", "none");
  return names.map((name) => {
    const order = createHash("sha256").update(`${folder}/${name}`).digest("hex");
    return { path: join(directory, folder, name), label, order };
  });
}

interface PngImage {
  readonly data: ArrayLike<number>;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

function readPng(path: string): PngImage {
  const png = decodePng(path);
  if (png.depth !== 8 || png.palette || (png.channels !== 1 && png.channels !== 3)) {
    const got = `${png.depth} bits, ${png.channels} channels${png.palette ? " with a palette" : ""}`;
    throw fault(path, "8 bits grey or RGB, without alpha or palette", `${got}; convert it`);
  }
  return png;
}

function decodePng(path: string) {
  try {
    return decode(readFileSync(path), { checkCrc: true });
  } catch (cause) {
    throw fault(path, "a PNG image", cause instanceof Error ? cause.message : String(cause));
  }
}

/** The entries of a folder in the order of their names; hidden ones do not count. */
function list(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => !name.startsWith("."))
    .sort();
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}

function shown({ height, width, channels }: PngImage): string {
  return `${height} x ${width} x ${channels}`;
}
