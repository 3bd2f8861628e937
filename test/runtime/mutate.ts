import type { Random } from "../contract/random.ts";
import { fileOf, sealed } from "../model/hostile.ts";

/** A model file with a change of any kind: of bytes, of the text of its header, of its words, under a fitting digest or not. */
export function mutate(file: Uint8Array, random: Random): Uint8Array {
  const changes = 1 + random(3);
  let mutated: Uint8Array = file.slice();
  for (let i = 0; i < changes; i++) mutated = CHANGES[random(CHANGES.length)](mutated, random);
  return random(4) === 0 ? mutated : sealed(mutated.slice());
}

type Change = (file: Uint8Array, random: Random) => Uint8Array;

const CHANGES: readonly Change[] = [
  ...[
    flipBit,
    putByte,
    putNumber,
    putNumber,
    putText,
    cutOut,
    repeat,
    putLength,
    putWord,
    putLargeWords,
    putLargeWords,
  ],
];

const EDGES = [
  "0",
  "-1",
  "1",
  "2",
  "255",
  "256",
  "2048",
  "32768",
  "65536",
  "1e9",
  "1e308",
  "2147483648",
  "0.5",
  "null",
];
const TEXTS = [
  '"',
  "[",
  "]",
  "{",
  "}",
  ",",
  "\\",
  "\u0000",
  '"op":"dense"',
  '"inputs":[0]',
  "__proto__",
  "[[[[[[",
  "é",
];

function flipBit(file: Uint8Array, random: Random): Uint8Array {
  if (file.length > 0) file[placeIn(file, random)] ^= 1 << random(8);
  return file;
}

function putByte(file: Uint8Array, random: Random): Uint8Array {
  if (file.length > 0) file[placeIn(file, random)] = random(256);
  return file;
}

/** Another number, edge or near, in place of one of the header's. */
function putNumber(file: Uint8Array, random: Random): Uint8Array {
  return withText(file, (text) => {
    const numbers = [...text.matchAll(/-?\d+/g)];
    if (numbers.length === 0) return text;
    const { 0: digits, index } = numbers[random(numbers.length)];
    const other = random(2) === 0 ? EDGES[random(EDGES.length)] : String(Number(digits) + random(9) - 4);
    return text.slice(0, index) + other + text.slice(index + digits.length);
  });
}

function putText(file: Uint8Array, random: Random): Uint8Array {
  return withText(file, (text) => {
    const at = random(text.length + 1);
    return text.slice(0, at) + TEXTS[random(TEXTS.length)] + text.slice(at + random(3));
  });
}

function cutOut(file: Uint8Array, random: Random): Uint8Array {
  const at = random(file.length + 1);
  return Uint8Array.of(...file.subarray(0, at), ...file.subarray(at + random(64)));
}

function repeat(file: Uint8Array, random: Random): Uint8Array {
  const at = random(file.length + 1);
  return Uint8Array.of(...file.subarray(0, at), ...file.subarray(Math.max(0, at - random(64))));
}

function putLength(file: Uint8Array, random: Random): Uint8Array {
  if (file.length >= 8) file[random(8)] = random(256);
  return file;
}

/** A word of the largest magnitude, or any, in the last half of the file: among the weights. */
function putWord(file: Uint8Array, random: Random): Uint8Array {
  const half = file.length >> 1;
  const at = half + 2 * random(half >> 1);
  if (at + 2 > file.length) return file;
  const word = random(2) === 0 ? 0x8000 : random(65536);
  file[at] = word;
  file[at + 1] = word >> 8;
  return file;
}

/** A run of large words: sums that could wrap. */
function putLargeWords(file: Uint8Array, random: Random): Uint8Array {
  const half = file.length >> 1;
  const at = half + 2 * random(half >> 1);
  for (let i = at; i + 2 <= Math.min(file.length, at + 512); i += 2) {
    file[i] = 0xff;
    file[i + 1] = 0x7f;
  }
  return file;
}

/** Half of the places are in the first 1,024 bytes. */
function placeIn({ length }: Uint8Array, random: Random): number {
  return random(random(2) === 0 ? Math.min(length, 1024) : length);
}

/** The file with another header text and a length that fits; as it is if it has no header. */
function withText(file: Uint8Array, change: (text: string) => string): Uint8Array {
  if (file.length < 8) return file;
  const length = new DataView(file.buffer, file.byteOffset).getUint32(0, true);
  if (8 + length > file.length) return file;
  const text = new TextDecoder().decode(file.subarray(8, 8 + length)).trimEnd();
  return fileOf(change(text), file.slice(8 + length));
}
