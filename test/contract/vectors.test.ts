import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "vitest";
import { parseVectors } from "../../src/conform/vectors.ts";
import { expectSame } from "./compare.ts";
import { REALISATIONS } from "./realisations.ts";

const SHIPPED = join(import.meta.dirname, "../vectors");

/** Files of vectors made by an implementation that shares no code with this one, and of a further directory if named. */
const FILES = [SHIPPED, process.env.CIRCULANT_VECTORS ?? SHIPPED]
  .flatMap((directory) => readdirSync(directory).map((name) => join(directory, name)))
  .filter((file, i, all) => file.endsWith(".jsonl") && all.indexOf(file) === i);

describe("outside vectors", () => {
  for (const realisation of REALISATIONS) {
    it.each(FILES)(`hold for ${realisation.name}: %s`, async (file) => {
      for (const vector of parseVectors(readFileSync(file, "utf8"), file)) {
        const y =
          "operation" in vector
            ? await realisation.perform(vector.operation, [vector.x])
            : await realisation[vector.op](vector.x, vector.schedule);
        expectSame(y, vector.y, `${file}, line ${vector.line}`);
      }
    });
  }
});
