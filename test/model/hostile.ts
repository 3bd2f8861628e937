import type { CirculantError } from "../../src/errors.ts";
import type { Limits } from "../../src/model/limits.ts";
import { readModel } from "../../src/model/read.ts";
import { sha256 } from "../../src/model/sha256.ts";
import { writeModel } from "../../src/model/write.ts";
import { errorOf } from "../caught.ts";
import { exampleModel } from "./random-model.ts";

/** The file that the tests damage. */
export const FILE = writeModel(exampleModel(1));
export const HEADER_END = 8 + new DataView(FILE.buffer).getUint32(0, true);
export const DATA = FILE.subarray(HEADER_END);
export const JSON_TEXT = new TextDecoder().decode(FILE.subarray(8, HEADER_END)).trimEnd();

/** A file of this header text and data, with a digest that fits. */
export function fileOf(json: string, data: Uint8Array = DATA): Uint8Array {
  const text = new TextEncoder().encode(json);
  const length = Math.ceil((8 + text.length) / 64) * 64;
  const file = new Uint8Array(length + data.length).fill(0x20, 8, length);
  new DataView(file.buffer).setUint32(0, length - 8, true);
  file.set(text, 8);
  file.set(data, length);
  return sealed(file);
}

/** The file with its digest, wherever it stands, made to fit. */
export function sealed(file: Uint8Array): Uint8Array {
  const key = '"sha256":"';
  const at = Buffer.from(file.buffer).indexOf(key);
  if (at < 0) return file;
  file.fill(0x30, at + key.length, at + key.length + 64);
  file.set(new TextEncoder().encode(sha256(file)), at + key.length);
  return file;
}

// biome-ignore lint/suspicious/noExplicitAny: the tests put anything anywhere
type Change = (value: any) => void;

/** A sealed file whose header was changed as an object. */
export function withHeader(change: Change): Uint8Array {
  const header = JSON.parse(JSON_TEXT);
  change(header);
  return fileOf(JSON.stringify(header));
}

/** A sealed file whose program was changed as an object. */
export function withProgram(change: Change): Uint8Array {
  return withHeader((header) => {
    const program = JSON.parse(header.__metadata__.program);
    change(program);
    header.__metadata__.program = JSON.stringify(program);
  });
}

/** A sealed file whose program text was changed. */
export function withProgramText(change: (text: string) => string): Uint8Array {
  return withHeader((header) => {
    header.__metadata__.program = change(header.__metadata__.program);
  });
}

/** A sealed file with other fields in the operation of a name; undefined takes a field away. */
export function withOperation(name: string, fields: Record<string, unknown>): Uint8Array {
  return withProgram(({ operations }) => {
    Object.assign(
      operations.find((operation: { name: string }) => operation.name === name),
      fields,
    );
  });
}

/** A sealed file with a word in some places of a tensor, or in all. */
export function withWords(tensor: string, word: number, places?: readonly number[]): Uint8Array {
  const file = FILE.slice();
  const view = new DataView(file.buffer);
  const [start, end] = JSON.parse(JSON_TEXT)[tensor].data_offsets;
  const all = Array.from({ length: (end - start) / 2 }, (_, i) => i);
  for (const place of places ?? all) view.setInt16(HEADER_END + start + 2 * place, word, true);
  return sealed(file);
}

/** The error with which the reader refuses a file. */
export function refusal(file: Uint8Array, limits: Partial<Limits> = {}): CirculantError {
  return errorOf(() => readModel(file, limits));
}

/** A file that must be refused: what is wrong, how it is made, what the error says. */
export type Case = readonly [name: string, make: () => Uint8Array, message: RegExp];
