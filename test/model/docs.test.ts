import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { INPUT_FIELDS, LAYER_FIELDS, METADATA_FIELDS, PROGRAM_FIELDS, TENSOR_FIELDS } from "../../src/model/fields.ts";

const PAGE = readFileSync(new URL("../../docs/model-file.md", import.meta.url), "utf8");

it.each(Object.entries({ METADATA_FIELDS, PROGRAM_FIELDS, INPUT_FIELDS, LAYER_FIELDS, TENSOR_FIELDS }))(
  "docs/model-file.md states %s as the reader has them",
  (_, fields) => {
    const rows = Object.entries(fields).map(([key, field]) => `| \`${key}\` | ${field.expects} | ${field.means} |`);
    expect(PAGE).toContain(`| field | expected | meaning |\n|---|---|---|\n${rows.join("\n")}\n\n`);
  },
);
