import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import {
  type Field,
  INPUT_FIELDS,
  MEMORY_FIELDS,
  METADATA_FIELDS,
  OPERATION_FIELDS,
  PROGRAM_FIELDS,
  TENSOR_FIELDS,
} from "../../src/model/fields.ts";
import { DEFAULT_LIMITS } from "../../src/model/limits.ts";

const PAGE = readFileSync(new URL("../../docs/model-file.md", import.meta.url), "utf8");

/** The cells of the rows under a head, as the page has them. */
function tableUnder(...head: string[]): string[][] {
  const text = `| ${head.join(" | ")} |\n|${"---|".repeat(head.length)}\n`;
  const [, after, again] = PAGE.split(text);
  expect(again, `one table under ${text}`).toBeUndefined();
  const rows = after.slice(0, after.indexOf("\n\n")).split("\n");
  return rows.map((row) => row.slice(2, -2).split(" | "));
}

it.each(Object.entries({ METADATA_FIELDS, PROGRAM_FIELDS, INPUT_FIELDS, MEMORY_FIELDS, TENSOR_FIELDS }))(
  "docs/model-file.md states %s as the reader has them",
  (_, fields) => {
    const rows = Object.entries<Field<unknown>>(fields).map(
      ([key, { expects, means }]) => `| \`${key}\` | ${expects} | ${means} |`,
    );
    expect(PAGE).toContain(`| field | expected | meaning |\n|---|---|---|\n${rows.join("\n")}\n\n`);
  },
);

it.each(Object.entries(OPERATION_FIELDS))(
  "docs/model-file.md states the fields of %s as the reader has them",
  (op, fields) => {
    const rows = tableUnder("field", "operations", "expected", "meaning")
      .filter(([, operations]) => operations === "all" || operations.split(", ").includes(op))
      .map(([field, , expected, meaning]) => [field, expected, meaning]);
    const expected = Object.entries<Field<unknown>>(fields).map(([key, { expects, means }]) => [
      `\`${key}\``,
      expects,
      means,
    ]);
    expect(rows).toEqual(expected);
  },
);

it("docs/model-file.md names no operation for a field that is unknown to the reader", () => {
  const named = tableUnder("field", "operations", "expected", "meaning").flatMap(([, operations]) =>
    operations.split(", "),
  );
  expect(new Set(named)).toEqual(new Set(["all", ...Object.keys(OPERATION_FIELDS).filter((op) => op !== "flatten")]));
});

it("docs/model-file.md states the limits of the reader", () => {
  const rows = tableUnder("limit", "default", "of").map(([limit, value]) => [limit, value]);
  const expected = Object.entries(DEFAULT_LIMITS).map(([key, value]) => [`\`${key}\``, value.toLocaleString("en-US")]);
  expect(rows).toEqual(expected);
});
