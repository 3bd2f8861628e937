import { DataError } from "../../errors.ts";
import type { Dump, Item } from "./dump.ts";

const MAGIC = "\x93NUMPY";

/** True for the bytes of a NumPy array file. */
export function isNpy(bytes: Uint8Array): boolean {
  return String.fromCharCode(...bytes.subarray(0, MAGIC.length)) === MAGIC;
}

type Read = (view: DataView, at: number, little: boolean) => number;

const READERS: Readonly<Record<string, readonly [bytes: number, read: Read]>> = {
  i1: [1, (view, at) => view.getInt8(at)],
  u1: [1, (view, at) => view.getUint8(at)],
  i2: [2, (view, at, little) => view.getInt16(at, little)],
  u2: [2, (view, at, little) => view.getUint16(at, little)],
  i4: [4, (view, at, little) => view.getInt32(at, little)],
  u4: [4, (view, at, little) => view.getUint32(at, little)],
  i8: [8, (view, at, little) => Number(view.getBigInt64(at, little))],
  u8: [8, (view, at, little) => Number(view.getBigUint64(at, little))],
  f4: [4, (view, at, little) => view.getFloat32(at, little)],
  f8: [8, (view, at, little) => view.getFloat64(at, little)],
  c8: [4, (view, at, little) => view.getFloat32(at, little)],
  c16: [8, (view, at, little) => view.getFloat64(at, little)],
};

/**
 * Reads the array of a NumPy file: integers, or floats and complex numbers that are whole; in C order.
 *
 * @throws DataError if it is no such file
 */
export function readNpy(bytes: Uint8Array, file: string): Dump {
  const bad = (expected: string, got: string) => new DataError(`${file}: expected ${expected}, got ${got}`, { file });
  if (!isNpy(bytes) || bytes.length < 12) throw bad("a NumPy array file", "other bytes");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const isLong = bytes[6] > 1;
  const start = isLong ? 12 : 10;
  const data = start + (isLong ? view.getUint32(8, true) : view.getUint16(8, true));
  const header = new TextDecoder("latin1").decode(bytes.subarray(start, data));
  const type = /'descr':\s*'([<>|=])(\w+)'/.exec(header);
  const reader = type ? READERS[type[2]] : undefined;
  if (!type || reader === undefined) throw bad("an array of integers", header.trim());
  if (/'fortran_order':\s*True/.test(header)) throw bad("an array in C order", "Fortran order; save it with order='C'");
  const shape =
    /'shape':\s*\(([^)]*)\)/
      .exec(header)?.[1]
      .split(",")
      .filter((it) => it.trim() !== "")
      .map(Number) ?? [];
  const [size, read] = reader;
  const count = shape.reduce((product, side) => product * side, 1) * (type[2].startsWith("c") ? 2 : 1);
  if (bytes.length - data !== count * size) {
    throw bad(`${count * size} bytes of data for the shape (${shape.join(", ")})`, `${bytes.length - data}`);
  }
  const items = Array.from({ length: count }, (_, i): Item => {
    const value = read(view, data + i * size, type[1] !== ">");
    if (!Number.isInteger(value)) throw bad("whole numbers: the words themselves", `${value} at ${i}`);
    return { line: 0, value };
  });
  return { items, as: `NumPy ${type[2]} (${shape.join(", ")})` };
}
