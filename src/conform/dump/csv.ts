import { CsvError, parse } from "csv-parse/sync";
import { DataError } from "../../errors.ts";
import type { Dump, Item } from "./dump.ts";
import { notANumber, parseItem, type Radix } from "./number.ts";

/** Which columns of a table are words, and which must be 1 for a row to count. */
export interface Columns {
  /** One, or two: the real and the imaginary parts. Found out if not given. */
  readonly names?: readonly string[];
  /** Such as tvalid and tready of a captured stream. */
  readonly valid?: readonly string[];
}

interface Table {
  readonly head: readonly string[];
  readonly rows: readonly { readonly line: number; readonly cells: readonly string[] }[];
  /** Radix of a column where the file says it, as Vivado's analyser does. */
  readonly radix: readonly (Radix | undefined)[];
}

/** Columns that are no data whatever they hold. */
const BESIDE = /time|sample|index|cycle|trigger|valid|ready|last|clk|clock|reset|rst|addr|^#$/i;

/**
 * Reads one column of a table with a head, or two as real and imaginary parts in turn. Cells are decimal, 0x, Verilog
 * literals, or hexadecimal where the head's second row (Radix) or a digit above 9 says so.
 *
 * @throws DataError naming the line or the columns that there are
 */
export function readCsv(text: string, file: string, { names, valid = [] }: Columns = {}): Dump {
  const table = readTable(text, file);
  const columns = (names ?? wordColumns(table, file)).map((name) => columnOf(table, name, file));
  const gates = valid.map((name) => columnOf(table, name, file));
  const radix = columns.map((column) => radixOf(table, column));
  const items: Item[] = [];
  for (const { line, cells } of table.rows) {
    if (!gates.every((gate) => /^(1|0x0*1|1'[bh]1|true)$/i.test(cells[gate]))) continue;
    for (const [i, column] of columns.entries()) {
      const item = parseItem(cells[column], radix[i], line);
      if (item === undefined) throw notANumber(file, line, cells[column], radix[i]);
      items.push(item);
    }
  }
  return { items, as: `column ${columns.map((column) => table.head[column]).join(" and ")}` };
}

/** Lines that are comments, of logic analysers and simulators. */
const COMMENT = /^\s*(#|;|\/\/).*$/gm;

/** Rows as the file has them, comments and empty lines left out. */
function readRows(text: string, file: string): Table["rows"] {
  const kept = text.replaceAll(COMMENT, "");
  const [first] = /\S.*/.exec(kept) ?? [""];
  const delimiter = [",", "\t", ";"].find((it) => first.includes(it)) ?? ",";
  const options = { delimiter, bom: true, info: true, relax_column_count: true, skip_empty_lines: true, trim: true };
  try {
    const records = parse<{ info: { lines: number }; record: string[] }>(kept, options as never);
    return records.map(({ info: { lines }, record }) => ({ line: lines, cells: record }));
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    const line = Number(cause.lines);
    throw new DataError(`${file}, line ${line}: expected comma-separated values, got ${cause.message}`, { file, line });
  }
}

function readTable(text: string, file: string): Table {
  const kept = readRows(text, file);
  if (kept.length < 2)
    throw new DataError(`${file}: expected a head and rows under it, got ${kept.length} lines`, { file });
  const [{ cells: head, line: headLine }, ...rows] = kept;
  if (head.some((name) => parseItem(name, "decimal", 1) !== undefined)) {
    throw new DataError(
      `${file}, line ${headLine}: expected a head with the names of the columns, got ${JSON.stringify(head.join())}`,
      { file, line: headLine },
    );
  }
  const short = rows.find(({ cells }) => cells.length !== head.length);
  if (short) {
    throw new DataError(
      `${file}, line ${short.line}: expected ${head.length} cells as in the head, got ${short.cells.length}`,
      { file, line: short.line },
    );
  }
  const isRadix = /^radix\b/i.test(rows[0]?.cells[0] ?? "");
  const radix = head.map((_, i): Radix | undefined => {
    if (!isRadix) return undefined;
    return /hex/i.test(rows[0].cells[i]) ? "hex" : /signed|decimal/i.test(rows[0].cells[i]) ? "decimal" : undefined;
  });
  return { head, rows: isRadix ? rows.slice(1) : rows, radix };
}

function columnOf({ head }: Table, name: string, file: string): number {
  const found = head.findIndex((it) => it === name || it.replace(/\[.*\]$/, "") === name);
  if (found >= 0) return found;
  throw new DataError(`${file}: expected a column ${name}, got ${head.join(", ")}`, { file, column: name });
}

function radixOf({ rows, radix }: Table, column: number): Radix {
  const told = radix[column];
  if (told !== undefined) return told;
  return rows.some(({ cells }) => /^[0-9a-f_]*[a-f][0-9a-f_]*$/i.test(cells[column])) ? "hex" : "decimal";
}

/** The one column of numbers, or the two named as real and imaginary parts. */
function wordColumns(table: Table, file: string): readonly string[] {
  const { head, rows } = table;
  const isWords = (column: number) => {
    const radix = radixOf(table, column);
    return !BESIDE.test(head[column]) && rows.every(({ cells, line }) => parseItem(cells[column], radix, line));
  };
  const found = head.filter((_, column) => isWords(column));
  if (found.length === 1) return found;
  const [re, im] = [/(^|_)(re|real|i)(\b|_|\[)/i, /(^|_)(im|imag|q)(\b|_|\[)/i].map((part) =>
    found.filter((it) => part.test(it)),
  );
  if (found.length === 2 && re.length === 1 && im.length === 1) return [re[0], im[0]];
  const got = found.length > 0 ? found.join(", ") : `none among ${head.join(", ")}`;
  throw new DataError(`${file}: expected one column of words, got ${got}; name it with --column`, { file });
}
