import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "vitest";
import { parseVectors } from "../../src/conform/vectors.ts";
import { expectSame } from "./compare.ts";
import { REALISATIONS } from "./realisations.ts";

/** A directory of vectors made by an implementation that shares no code with this one. */
const DIRECTORY = process.env.CIRCULANT_VECTORS;

const FILES = DIRECTORY ? readdirSync(DIRECTORY).filter(isRead) : [];

/** Convolutions are no operation of the realisations. */
function isRead(file: string): boolean {
  return file.endsWith(".jsonl") && !file.startsWith("conv");
}

describe.skipIf(FILES.length === 0)("outside vectors (skipped unless CIRCULANT_VECTORS names their directory)", () => {
  for (const realisation of REALISATIONS) {
    it.each(FILES)(`hold in %s for ${realisation.name}`, async (file) => {
      for (const vector of parseVectors(readFileSync(join(String(DIRECTORY), file), "utf8"), file)) {
        const y =
          vector.op === "dense"
            ? await realisation.dense(vector.layer, vector.x)
            : await realisation[vector.op](vector.x, vector.schedule);
        expectSame(y, vector.y, `${file}, line ${vector.line}`);
      }
    });
  }
});
