import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { setOf } from "../../scripts/resource-configurations.mjs";
import { fitNonNegative } from "../../scripts/resource-fit.mjs";
import type { FamilyName } from "../../src/synth/family.ts";
import { hasMemoryRules, memoryCells } from "../../src/synth/memories.ts";
import { modelErrors, readMeasured } from "../../src/synth/model-errors.ts";
import { RESOURCE_TABLE, type ResourceTable } from "../../src/synth/resource-table.ts";
import { resources, tellsTables } from "../../src/synth/resources.ts";

interface MeasuredMemory {
  readonly family: "xc7" | "ecp5";
  readonly width: number;
  readonly depth: number;
  readonly blockRam: number;
  readonly lutRam: number;
}

/** Counts of Yosys, which `npm run resources -- --measure xc7` makes. */
const record = JSON.parse(readFileSync(new URL("../../bench/resources.json", import.meta.url), "utf8")) as {
  readonly tool: string;
  readonly memories: readonly MeasuredMemory[];
  readonly engines: Parameters<typeof readMeasured>[0];
};
const engines = readMeasured(record.engines).filter(({ family }) => hasMemoryRules(family));

describe("the model of resources", () => {
  it("tells the cells of every measured memory", () => {
    expect(record.memories.length).toBeGreaterThan(90);
    for (const { family, width, depth, blockRam, lutRam } of record.memories) {
      const shape = { width, depth, count: 1, written: true, ports: 1 };
      expect({ width, depth, ...memoryCells(shape, family) }).toMatchObject({ width, depth, blockRam, lutRam });
    }
  });

  it("tells the multiplier blocks and block memories of every measured engine", () => {
    expect(engines.length).toBeGreaterThan(1);
    for (const { parameters, family, resources: real } of engines) {
      const { dsp, blockRam } = resources(parameters, family);
      expect({ dsp, blockRam }).toEqual({ dsp: real.dsp, blockRam: real.blockRam });
    }
  });

  it("has a table of the Yosys that counted, of both engines, from at least 20 engines of a family", () => {
    expect(RESOURCE_TABLE.tool).toBe(record.tool);
    const families = Object.keys(RESOURCE_TABLE.families) as FamilyName[];
    expect(families).toContain("xc7");
    for (const family of families) {
      expect(tellsTables(family)).toBe(true);
      expect(engines.filter((it) => it.family === family).length).toBeGreaterThanOrEqual(20);
    }
  });

  it("is within 10 % of synthesis in the median, for each resource, on engines that the table is not made from", () => {
    for (const family of Object.keys(RESOURCE_TABLE.families)) {
      const held = engines.filter((it) => it.family === family && setOf(it) === "held");
      expect(held.length).toBeGreaterThanOrEqual(8);
      const errors = modelErrors(held);
      expect(errors.filter(({ engines: told }) => told === 0)).toEqual([]);
      expect(errors.filter(({ median }) => median > 10)).toEqual([]);
    }
  });

  it("is beyond 10 % of synthesis with a wrong table", () => {
    const lane = { lut: { control: 1 }, ff: { control: 1 }, carry: { control: 1 }, lutRam: {} };
    const both = { circulant_engine: lane, circulant_pipeline: lane };
    const wrong: ResourceTable = { tool: record.tool, families: { xc7: both } };
    const lut = modelErrors(engines, wrong).find(({ resource }) => resource === "lut");
    expect(lut?.median).toBeGreaterThan(90);
  });

  it("tells no figures of a table that has none, and none of another family", () => {
    const { parameters } = engines[0];
    expect(Object.keys(resources(parameters, "xc7", { tool: "", families: {} })).sort()).toEqual(["blockRam", "dsp"]);
    expect(() => resources(parameters, "ice40")).toThrow("model: expected xc7 or ecp5");
  });
});

describe("the fit of a table", () => {
  const rows = [
    { control: 1, lane: 1, stage: 4 },
    { control: 1, lane: 4, stage: 4 },
    { control: 1, lane: 2, stage: 7 },
    { control: 1, lane: 8, stage: 5 },
  ];

  it("finds what each part takes", () => {
    const found = fitNonNegative(
      rows,
      rows.map(({ lane, stage }) => 3000 + 250 * lane + 40 * stage),
      undefined,
      1e-9,
    );
    expect(found.control).toBeCloseTo(3000, -1);
    expect(found.lane).toBeCloseTo(250, 0);
    expect(found.stage).toBeCloseTo(40, 0);
  });

  it("has no negative numbers", () => {
    const found = fitNonNegative(
      rows,
      rows.map(({ lane, stage }) => 3000 + 250 * lane - 40 * stage),
    );
    expect(found.stage).toBe(0);
  });
});
