import { expect, test } from "vitest";
import { parseVectors } from "../../src/conform/vectors.ts";
import { DataError } from "../../src/errors.ts";

const CONV2D = { op: "conv2d", k: 1, p: 1, q: 1, in: 1, out: 1, height: 1, width: 1, stride: 1, pad: 0 };

test.each([
  ["null", "v, line 2: expected a vector, a JSON object, got null"],
  ["[1]", "v, line 2: op: expected"],
  [JSON.stringify({ ...CONV2D, kernel: [8, 1] }), "v, line 2: kernel: expected an integer from 1 to 7, got 8"],
])("a vector file with a line %s is refused by line and field", (row, message) => {
  expect(() => parseVectors(`\n${row}`, "v")).toThrow(DataError);
  expect(() => parseVectors(`\n${row}`, "v")).toThrow(message);
});
