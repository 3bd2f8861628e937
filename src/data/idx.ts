import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { DataError } from "../errors.ts";

/** Grey images of one size and their classes. */
export interface ImageSet {
  /** count * height * width bytes, image by image, row by row; 0 is the background. */
  readonly images: Uint8Array;
  /** count bytes, each a class from 0. */
  readonly labels: Uint8Array;
  readonly count: number;
  readonly height: number;
  readonly width: number;
}

/** The two halves of a data set in the naming of MNIST. */
export type Split = "train" | "test";

const FILE_PREFIX: Readonly<Record<Split, string>> = { train: "train", test: "t10k" };
const IMAGE_MAGIC = 0x00000803;
const LABEL_MAGIC = 0x00000801;
const REMEDY = "download the four MNIST or Fashion-MNIST files again and give their folder with --data";

/**
 * Reads one half of a data set in IDX format, the format of MNIST, from a folder; each file gzipped or not.
 *
 * @param classes labels must be below this
 * @throws DataError naming the file that is missing, cut or of another format
 * @see LeCun, Cortes and Burges, The MNIST database of handwritten digits
 */
export function readImageSet(directory: string, split: Split, classes = 10): ImageSet {
  const imageFile = findFile(directory, `${FILE_PREFIX[split]}-images-idx3-ubyte`);
  const labelFile = findFile(directory, `${FILE_PREFIX[split]}-labels-idx1-ubyte`);
  const images = parseIdx(readMaybeGzipped(imageFile), IMAGE_MAGIC, imageFile);
  const labels = parseIdx(readMaybeGzipped(labelFile), LABEL_MAGIC, labelFile);
  const [count, height, width] = images.shape;
  if (labels.shape[0] !== count) throw malformed(labelFile, "count", `${count} labels, one an image`, labels.shape[0]);
  const wrong = labels.data.findIndex((label) => label >= classes);
  if (wrong >= 0) throw malformed(labelFile, `label ${wrong}`, `0 to ${classes - 1}`, labels.data[wrong]);
  return { images: images.data, labels: labels.data, count, height, width };
}

/** The images from `first` to before `end`, as views. */
export function sliceImages(set: ImageSet, first: number, end: number): ImageSet {
  const size = set.height * set.width;
  return {
    ...set,
    images: set.images.subarray(first * size, end * size),
    labels: set.labels.subarray(first, end),
    count: end - first,
  };
}

function findFile(directory: string, name: string): string {
  const found = [`${name}.gz`, name].map((file) => join(directory, file)).find((path) => existsSync(path));
  if (found === undefined) {
    throw new DataError(`${join(directory, name)}: expected this file or ${name}.gz, got neither; ${REMEDY}`, {
      file: join(directory, name),
    });
  }
  return found;
}

function readMaybeGzipped(file: string): Uint8Array {
  const bytes = readFileSync(file);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes);
  } catch (cause) {
    throw malformed(file, "gzip stream", "whole", cause instanceof Error ? cause.message : String(cause));
  }
}

/** The data and the shape behind an IDX header of unsigned bytes; the magic's last byte is the number of axes. */
function parseIdx(bytes: Uint8Array, magic: number, file: string): { data: Uint8Array; shape: number[] } {
  const axes = magic & 0xff;
  const headerBytes = 4 + 4 * axes;
  if (bytes.length < headerBytes) throw malformed(file, "length", `${headerBytes} bytes of header`, bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0) !== magic) throw malformed(file, "magic", hex(magic), hex(view.getUint32(0)));
  const shape = Array.from({ length: axes }, (_, axis) => view.getUint32(4 + 4 * axis));
  if (shape.some((side) => side === 0)) throw malformed(file, "shape", "no empty axis", shape.join(" x "));
  const expected = shape.reduce((product, side) => product * side, 1);
  const actual = bytes.length - headerBytes;
  if (actual !== expected) throw malformed(file, "length", `${expected} bytes for ${shape.join(" x ")}`, actual);
  return { data: bytes.subarray(headerBytes), shape };
}

function malformed(file: string, what: string, expected: string, got: string | number): DataError {
  return new DataError(`${file}: ${what}: expected ${expected}, got ${got}; ${REMEDY}`, { file, what, expected, got });
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, "0")}`;
}
