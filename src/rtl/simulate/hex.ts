import { SimulationError } from "../../errors.ts";
import { limbs32, type MemoryLoad, type MemoryPort, type MemoryRead } from "./design.ts";

/** A memory as the host keeps it between runs: words in hexadecimal, `x` where undefined, none where not yet known. */
export type HexWords = (string | undefined)[];

export function putWords({ width }: MemoryPort, words: HexWords, { words: limbs, offset = 0 }: MemoryLoad): void {
  const count = limbs32(width);
  const digits = (width + 3) >> 2;
  const top = BigInt.asUintN(width, -1n);
  for (let i = 0; i < limbs.length / count; i++) {
    let text = "";
    for (let j = 0; j < count; j++) text = limbs[i * count + j].toString(16).padStart(8, "0") + text;
    const exact = width % 32 === 0 ? text : (BigInt(`0x${text}`) & top).toString(16).padStart(digits, "0");
    words[offset + i] = exact;
  }
}

/** @throws SimulationError if a word is undefined, in part or as a whole */
export function getWords({ path, width }: MemoryPort, words: HexWords, { offset, count }: MemoryRead): Uint32Array {
  const limbs = limbs32(width);
  const result = new Uint32Array(count * limbs);
  for (let i = 0; i < count; i++) {
    const text = words[offset + i] ?? "x";
    if (/[^0-9a-f]/i.test(text)) {
      throw new SimulationError(`memory ${path}[${offset + i}]: expected a defined word, got ${text}`, {
        simulator: "icarus",
        path,
        index: offset + i,
      });
    }
    for (let j = 0; j < limbs; j++) {
      const end = text.length - 8 * j;
      if (end > 0) result[i * limbs + j] = Number.parseInt(text.slice(Math.max(0, end - 8), end), 16);
    }
  }
  return result;
}

/** Text for `$readmemh`. */
export function formatHex(words: HexWords): string {
  const lines: string[] = [];
  let next = -1;
  words.forEach((word, i) => {
    if (word === undefined) return;
    if (i !== next) lines.push(`@${i.toString(16)}`);
    lines.push(word);
    next = i + 1;
  });
  return `${lines.join("\n")}\n`;
}

/** Words from the text that `$writememh` writes. */
export function parseHex(text: string): HexWords {
  const words: HexWords = [];
  let at = 0;
  for (const token of text.replace(/\/\/.*/g, "").split(/\s+/)) {
    if (token.startsWith("@")) at = Number.parseInt(token.slice(1), 16);
    else if (token !== "") words[at++] = token;
  }
  return words;
}
