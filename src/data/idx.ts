import { checkLabels, findFile, malformed, readMaybeGzipped, requireFile } from "./files.ts";
import type { ImageSet, Split } from "./images.ts";

const FILE_PREFIX: Readonly<Record<Split, string>> = { train: "train", test: "t10k" };
const IMAGE_MAGIC = 0x00000803;
const LABEL_MAGIC = 0x00000801;

/** Classes of MNIST and of what follows it. */
const CLASSES = 10;

/** Whether a folder holds any file in the naming of MNIST. */
export function holdsIdx(directory: string): boolean {
  return Object.values(FILE_PREFIX).some((prefix) => {
    return [`${prefix}-images-idx3-ubyte`, `${prefix}-labels-idx1-ubyte`].some((name) => findFile(directory, name));
  });
}

/**
 * Reads one part of a data set in IDX format, the format of MNIST, from a folder; each file gzipped or not.
 *
 * @param classes labels must be below this
 * @throws DataError naming the file that is missing, cut or of another format
 * @see LeCun, Cortes and Burges, The MNIST database of handwritten digits
 */
export function readIdx(directory: string, split: Split, classes = CLASSES): ImageSet {
  const imageFile = requireFile(directory, `${FILE_PREFIX[split]}-images-idx3-ubyte`);
  const labelFile = requireFile(directory, `${FILE_PREFIX[split]}-labels-idx1-ubyte`);
  const images = parseIdx(readMaybeGzipped(imageFile), IMAGE_MAGIC, imageFile);
  const labels = parseIdx(readMaybeGzipped(labelFile), LABEL_MAGIC, labelFile);
  const [count, height, width] = images.shape;
  if (labels.shape[0] !== count) throw malformed(labelFile, "count", `${count} labels, one an image`, labels.shape[0]);
  checkLabels(labels.data, classes, labelFile);
  return { images: images.data, labels: labels.data, count, height, width, channels: 1 };
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

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, "0")}`;
}
