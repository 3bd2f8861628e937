import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { blankModel } from "../../src/design/blank.ts";
import { parseDesign } from "../../src/design/config.ts";
import { engineCosts } from "../../src/design/cost.ts";
import { chooseFinalists, synthesiseEngines } from "../../src/design/finalists.ts";
import { type Journal, openJournal } from "../../src/design/journal.ts";
import type { EngineParameters } from "../../src/rtl/parameters.ts";
import { familyOf } from "../../src/synth/family.ts";
import { sampleProgram } from "../../src/synth/sample.ts";
import { engineSubject } from "../../src/synth/subject.ts";
import { synthesise } from "../../src/synth/synthesise.ts";
import { SMALL } from "./config.ts";

const folder = mkdtempSync(join(tmpdir(), "circulant-finalists-"));
afterAll(() => rmSync(folder, { recursive: true }));

const model = blankModel(parseDesign(SMALL).recipe);
const costs = engineCosts(model, [{ lanes: 1 }, { lanes: 2 }, { lanes: 4 }]);
const point = (id: string, accuracy: number, engine: number, misses: readonly string[] = []) => {
  return { id, accuracy, engine: costs[engine], misses };
};

describe("the finalists", () => {
  it("are the points that miss least, then those of most right answers, until so many engines are among them", () => {
    const points = [
      point("a", 0.9, 0),
      point("b", 0.99, 1, ["bytes"]),
      point("c", 0.95, 2),
      point("d", 0.8, 2),
      point("e", 0.7, 0, ["bytes"]),
    ];
    const names = (engines: number) => chooseFinalists(points, engines).map(({ id }) => id);
    expect(names(0)).toEqual([]);
    expect(names(1)).toEqual(["c", "d"]);
    expect(names(2)).toEqual(["c", "a", "d", "e"]);
    expect(names(3)).toEqual(["c", "a", "d", "b", "e"]);
  });

  it("have their engines synthesised once, and their netlists simulated", { timeout: 600_000 }, async () => {
    const origin = { config: "c", data: "d" };
    const opened = openJournal(join(folder, "run"), origin, false);
    const added: string[] = [];
    const journal: Journal = {
      ...opened,
      add: (id, ...rest) => {
        added.push(id);
        return opened.add(id, ...rest);
      },
    };
    const run = () => synthesiseEngines([costs[0], costs[0]], "xc7", journal, () => {});
    const counted = await run();
    expect([...counted.keys()]).toEqual([JSON.stringify(costs[0].parameters)]);
    const [[key, { checked, resources, family }]] = counted;
    const parameters = JSON.parse(key) as EngineParameters;
    const again = await synthesise(engineSubject(sampleProgram(parameters), parameters).design, familyOf("xc7"));
    expect(resources).toEqual(again.resources);
    expect(family).toBe("xc7");
    expect(checked).toMatch(/^netlist simulated on 4 vectors .*, 0 of \d+ words differ from the reference$/);
    expect(await run()).toEqual(counted);
    expect(added).toHaveLength(1);
    journal.close();
  });
});
