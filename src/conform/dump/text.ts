import { DataError } from "../../errors.ts";
import type { Dump, Item } from "./dump.ts";
import { notANumber, parseItem, type Radix } from "./number.ts";

/**
 * Reads words one or several a line, as $writememh, $display or od write them: comments (//, #) and blank lines are
 * passed over, `@address` must go on where the words before it ended.
 *
 * @param radix of numbers without a prefix; found out if not given
 * @throws DataError naming the line
 */
export function readText(text: string, file: string, radix?: Radix): Dump {
  const rows = text.split(/\r?\n/).map((row) => row.replace(/(\/\/|#).*/, "").trim());
  const tokens = rows.flatMap((row, i) =>
    row === "" ? [] : row.split(/[\s,;]+/).map((token) => ({ token, line: i + 1 })),
  );
  const radixInUse = radix ?? radixOf(tokens.map(({ token }) => token).filter((token) => !token.startsWith("@")));
  const items: Item[] = [];
  let start: number | undefined;
  for (const { token, line } of tokens) {
    if (token === "") continue;
    if (token.startsWith("@")) {
      const address = Number.parseInt(token.slice(1), 16);
      start ??= address - items.length;
      if (address === start + items.length) continue;
      throw new DataError(
        `${file}, line ${line}: expected address @${(start + items.length).toString(16)}, got ${token}; ` +
          "dump a range without gaps",
        { file, line },
      );
    }
    const item = parseItem(token, radixInUse, line);
    if (item === undefined) throw notANumber(file, line, token, radixInUse);
    items.push(item);
  }
  const widest = items.reduce((most, item) => Math.max(most, "hex" in item ? item.hex.length : 0), 0);
  return { items, as: widest > 0 ? `hexadecimal, ${widest} digits` : "decimal" };
}

/** Signs are decimal; so are numbers of different lengths of which none has a digit above 9 or a leading zero. */
function radixOf(tokens: readonly string[]): Radix {
  const bare = tokens.filter((token) => !/^0x|'/i.test(token));
  if (bare.some((token) => /^[+-]/.test(token))) return "decimal";
  const lengths = new Set(bare.map(({ length }) => length));
  const isDecimal = lengths.size > 1 && bare.every((token) => /^(0|[1-9]\d*)$/.test(token));
  return isDecimal ? "decimal" : "hex";
}
