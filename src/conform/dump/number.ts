import { DataError } from "../../errors.ts";
import type { Item } from "./dump.ts";

/** How numbers without a prefix are written. */
export type Radix = "hex" | "decimal";

const VERILOG = /^([+-])?\d*'s?([hdb])([0-9a-f_]+)$/i;

/** The number that a text stands for: 0x1f, 16'h001f, 16'sd31, 31, or of the radix without a prefix; undefined if none. */
export function parseItem(text: string, radix: Radix, line: number): Item | undefined {
  const plain = text.replaceAll("_", "");
  const prefixed = /^0x([0-9a-f]+)$/i.exec(plain);
  if (prefixed) return { line, hex: prefixed[1] };
  const verilog = VERILOG.exec(text);
  if (verilog) return parseVerilog(verilog, line);
  if (radix === "hex" && /^[0-9a-f]+$/i.test(plain)) return { line, hex: plain };
  if (radix === "decimal" && /^[+-]?\d+(\.0*)?$/.test(plain)) return { line, value: Number(plain) };
  return undefined;
}

function parseVerilog([, sign, base, digits]: RegExpExecArray, line: number): Item | undefined {
  const plain = digits.replaceAll("_", "").toLowerCase();
  if (base.toLowerCase() === "h") return { line, hex: plain };
  const value = base.toLowerCase() === "d" ? Number(plain) : Number.parseInt(plain, 2);
  return Number.isFinite(value) ? { line, value: sign === "-" ? -value : value } : undefined;
}

/** The error of a text that is no number. */
export function notANumber(file: string, line: number, text: string, radix: Radix): DataError {
  const expected = radix === "hex" ? "hexadecimal words" : "integers";
  const isUndefined = /^[0-9a-f_']*[xz][0-9a-fxz_']*$/i.test(text);
  const remedy = isUndefined
    ? "; the simulation left it undefined: dump after the reset, and only valid words"
    : "; --format tells how the file is to be read";
  return new DataError(`${file}, line ${line}: expected ${expected}, got ${JSON.stringify(text)}${remedy}`, {
    file,
    line,
    got: text,
  });
}
