import { describe, expect, it } from "vitest";
import { wordsOfDump } from "../../src/conform/dump/dump.ts";
import { type DumpFormat, readDump } from "../../src/conform/dump/read.ts";
import { DataError } from "../../src/errors.ts";

const read = (text: string | Uint8Array, format: DumpFormat = "auto", columns = {}, bits: 16 | 32 = 16) => {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  return [...wordsOfDump(readDump(bytes, "dump", format, columns), bits, "dump")];
};

/** A file as numpy.save writes it. */
function npy(descr: string, shape: string, data: ArrayLike<number> & { buffer: ArrayBufferLike; byteLength: number }) {
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape}), }`.padEnd(118, "\n");
  const head = Buffer.from([0x93, ...Buffer.from("NUMPY"), 1, 0, header.length & 255, header.length >> 8]);
  return new Uint8Array(Buffer.concat([head, Buffer.from(header), Buffer.from(data.buffer as ArrayBuffer)]));
}

describe("a dump as text is read", () => {
  it.each<[string, string, number[]]>([
    ["hexadecimal words a line", "0001\nfffe\n7fff\n8000\n", [1, -2, 32767, -32768]],
    ["several words a line", "0001 fffe\r\n7fff 8000", [1, -2, 32767, -32768]],
    ["with comments and addresses, as $writememh writes them", "// 0x0\n@10\n0001 // one\n@11\nFFFE\n", [1, -2]],
    ["with prefixes", "0x0001, 0xfffe", [1, -2]],
    ["as Verilog literals", "16'h0001\n16'hff_fe\n-16'sd3\n16'b101", [1, -2, -3, 5]],
    ["as signed decimals", "1\n-2\n10\n", [1, -2, 10]],
    ["as decimals of several lengths", "1\n65534\n10\n", [1, -2, 10]],
    ["as beats, the low word first", "fffe0001\n80007fff\n", [1, -2, 32767, -32768]],
    ["as wide beats", "00040003fffe0001\n", [1, -2, 3, 4]],
    ["as words with their sign extended", "00000001\nfffffffe\n00007fff\n", [1, -2, 32767]],
  ])("%s", (_, text, words) => {
    expect(read(text)).toEqual(words);
  });

  it("as accumulators of 32 bits", () => {
    expect(read("00000001\nfffffffe\n80000000\n", "auto", {}, 32)).toEqual([1, -2, -(2 ** 31)]);
    expect(read("4294967295\n7\n", "auto", {}, 32)).toEqual([-1, 7]);
  });

  it("as hex or decimal where it is told", () => {
    expect(read("10\n20\n", "hex")).toEqual([16, 32]);
    expect(read("10\n20\n", "decimal")).toEqual([10, 20]);
  });

  it.each<[string, string, string]>([
    [
      "an undefined word",
      "0001\nxxxx\n",
      'dump, line 2: expected hexadecimal words, got "xxxx"; the simulation left it undefined',
    ],
    ["a letter that is no digit", "0001\n00g1\n", "dump"],
    ["a fraction", "-1\n0.5\n", 'dump, line 2: expected integers, got "0.5"'],
    ["beats of no whole number of words", "12345\n54321\n", "dump, line 1: expected words of 4 hexadecimal digits"],
    ["a gap of addresses", "@0\n0001\n@5\n0002", "dump, line 3: expected address @1, got @5"],
    ["nothing", "\n// none\n", "dump: expected words, got none"],
  ])("and %s is refused", (_, text, message) => {
    expect(() => read(text)).toThrow(DataError);
    expect(() => read(text)).toThrow(message);
  });
});

describe("a dump as a table is read", () => {
  const analyser = [
    "Sample in Buffer,Sample in Window,TRIGGER,m_axis_tvalid,m_axis_tready,m_axis_tdata[15:0]",
    "Radix - UNSIGNED,UNSIGNED,UNSIGNED,UNSIGNED,UNSIGNED,HEX",
    "0,0,1,1,1,0001",
    "1,1,0,1,0,fffe",
    "2,2,0,1,1,fffe",
    "3,3,0,0,1,0000",
  ].join("\n");

  it("of a logic analyser, with the rows that are beats", () => {
    expect(read(analyser, "auto", { valid: ["m_axis_tvalid", "m_axis_tready"] })).toEqual([1, -2]);
    expect(read(analyser, "auto", { names: ["m_axis_tdata"] })).toEqual([1, -2, -2, 0]);
  });

  it.each<[string, string, number[]]>([
    ["one column", "value\n1\n-2\n", [1, -2]],
    ["time beside", "Time [s],Value\n0.1,1\n0.2,-2\n", [1, -2]],
    ["semicolons and quotes", '"time";"data"\n"0";"0x1f"\n"1";"0xffff"\n', [31, -1]],
    ["real and imaginary parts", "cycle,y_re,y_im\n1,3,-4\n2,5,6\n", [3, -4, 5, 6]],
    ["hexadecimal digits without a prefix", "data\n0001\n00fe\n", [1, 254]],
  ])("of %s", (_, text, words) => {
    expect(read(text)).toEqual(words);
  });

  it.each<[string, string, object, string]>([
    [
      "two columns of words",
      "a_x,b_y\n1,2\n",
      {},
      "dump: expected one column of words, got a_x, b_y; name it with --column",
    ],
    ["no such column", "a_x,b_y\n1,2\n", { names: ["c"] }, "dump: expected a column c, got a_x, b_y"],
    ["a short row", "x,y\n1,2\n3\n", { names: ["x"] }, "dump, line 3: expected 2 cells as in the head, got 1"],
    ["a cell that is no word", "x\n1\n?\n", { names: ["x"] }, 'dump, line 3: expected integers, got "?"'],
    ["no head", "1,2\n3,4\n", { names: ["x"] }, "dump, line 1: expected a head"],
  ])("and %s is refused", (_, text, columns, message) => {
    expect(() => read(text, "auto", columns)).toThrow(DataError);
    expect(() => read(text, "auto", columns)).toThrow(message);
  });
});

describe("a dump as a NumPy array is read", () => {
  it("of integers, whole floats and complex numbers", () => {
    expect(read(npy("<i2", "3,", Int16Array.of(1, -2, 32767)))).toEqual([1, -2, 32767]);
    expect(read(npy("<u2", "2, 1", Uint16Array.of(1, 65534)))).toEqual([1, -2]);
    expect(read(npy("<f8", "2,", Float64Array.of(1, -2)))).toEqual([1, -2]);
    expect(read(npy("<c16", "1,", Float64Array.of(1, -2)))).toEqual([1, -2]);
    expect(read(npy(">i2", "1,", Int16Array.of(0x0100)))).toEqual([1]);
  });

  it.each<[string, Uint8Array, string]>([
    [
      "a fraction",
      npy("<f4", "1,", Float32Array.of(0.5)),
      "dump: expected whole numbers: the words themselves, got 0.5 at 0",
    ],
    ["missing data", npy("<i4", "3,", Int32Array.of(1)), "dump: expected 12 bytes of data for the shape (3), got 4"],
    ["text", npy("<U4", "1,", Int32Array.of(1)), "dump: expected an array of integers"],
  ])("and %s is refused", (_, bytes, message) => {
    expect(() => read(bytes)).toThrow(DataError);
    expect(() => read(bytes)).toThrow(message);
  });

  it("and other bytes that are said to be one are refused", () => {
    expect(() => read("0001", "npy")).toThrow("dump: expected a NumPy array file, got other bytes");
  });
});
