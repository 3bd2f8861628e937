import { describe, expect, it } from "vitest";
import { readCsv } from "../../src/conform/dump/csv.ts";
import { DataError } from "../../src/errors.ts";
import { errorOf } from "../caught.ts";

const values = (text: string, columns = {}) => readCsv(text, "f.csv", columns).items;

describe("a table of words", () => {
  it("has its words by the name of a column, comments and empty lines left out, lines counted as in the file", () => {
    expect(values("# of a run\nn,word\n\n1,2\n2,-3\n", { names: ["word"] })).toEqual([
      { line: 4, value: 2 },
      { line: 5, value: -3 },
    ]);
  });

  it("has quoted cells with separators in them", () => {
    expect(values('"at, ns","w"\n"1,5","0x10"\n"2,5","0x7f"\n', { names: ["w"] })).toEqual([
      { line: 2, hex: "10" },
      { line: 3, hex: "7f" },
    ]);
  });

  it("has the radix that a logic analyser's second row says, and its columns beside the data", () => {
    const text = "Sample in Buffer,TRIGGER,word[15:0]\nRadix - UNSIGNED,UNSIGNED,HEX\n0,0,fffe\n1,1,0010\n2,0,0011\n";
    expect(values(text)).toEqual([
      { line: 3, hex: "fffe" },
      { line: 4, hex: "0010" },
      { line: 5, hex: "0011" },
    ]);
    expect(values(text, { names: ["word"], valid: ["TRIGGER"] })).toEqual([{ line: 4, hex: "0010" }]);
  });

  it.each([
    ["a row that is cut", "n,w\n1\n2,3\n", /^f\.csv, line 2: expected 2 cells as in the head, got 1$/],
    ["no head", "1,2\n3,4\n", /^f\.csv, line 1: expected a head with the names of the columns, got "1,2"$/],
    ["a quote that does not end", 'n,w\n1,"2\n3,4\n', /^f\.csv, line \d: expected comma-separated values, got Quote/],
    ["two columns of words", "n,word\n1,2\n", /expected one column of words, got n, word; name it with --column$/],
    ["nothing", "", /^f\.csv: expected a head and rows under it, got 0 lines$/],
  ])("with %s is refused", (_, text, message) => {
    const error = errorOf(() => readCsv(text, "f.csv"));
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toMatch(message);
  });
});
