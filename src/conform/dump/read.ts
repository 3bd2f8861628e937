import { DataError } from "../../errors.ts";
import { type Columns, readCsv } from "./csv.ts";
import type { Dump } from "./dump.ts";
import { isNpy, readNpy } from "./npy.ts";
import { parseItem } from "./number.ts";
import { readText } from "./text.ts";

export const DUMP_FORMATS = ["auto", "hex", "decimal", "csv", "npy"] as const;
export type DumpFormat = (typeof DUMP_FORMATS)[number];

/**
 * Reads a dump of words from a simulator, a logic analyser or a program.
 *
 * @throws DataError naming file, line, what was expected and what came
 */
export function readDump(bytes: Uint8Array, file: string, format: DumpFormat = "auto", columns: Columns = {}): Dump {
  const dump = read(bytes, file, format, columns);
  if (dump.items.length === 0) throw new DataError(`${file}: expected words, got none`, { file });
  return dump;
}

function read(bytes: Uint8Array, file: string, format: DumpFormat, columns: Columns): Dump {
  if (format === "npy" || (format === "auto" && isNpy(bytes))) return readNpy(bytes, file);
  const text = new TextDecoder().decode(bytes);
  if (format === "hex" || format === "decimal") return readText(text, file, format);
  if (format === "csv" || columns.names !== undefined || isTable(text)) return readCsv(text, file, columns);
  return readText(text, file);
}

/** True if a cell of the first row that is no comment is no number of any kind: a head. */
function isTable(text: string): boolean {
  const first = text.split(/\r?\n/).find((row) => !/^\s*(#|;|\/\/|$)/.test(row)) ?? "";
  const cells = first
    .replace(/(\/\/|#).*/, "")
    .trim()
    .split(/\s*[,;\t]\s*|\s+(?=[-+\d@])/);
  return cells.some((cell) => !/^(@?[0-9a-fxz_]*|)$/i.test(cell) && !isNumber(cell));
}

function isNumber(cell: string): boolean {
  return cell.split(/\s+/).every((part) => parseItem(part, "hex", 1) ?? parseItem(part, "decimal", 1));
}
