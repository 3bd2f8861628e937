import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { percent, SCORES, type Score } from "./report.ts";
import { readJson } from "./target.ts";
import { TARGETS } from "./targets.ts";

const scores = readJson<Readonly<Record<string, Score>>>(SCORES);
const docs = readFileSync(new URL("../../docs/conformance.md", import.meta.url), "utf8");

/** The row of the table in the docs. */
function rowOf(name: string, score: Score): string {
  const { mutants, noCircuit, same, explained, killed, survived } = score;
  const cells = [`\`${name}\``, mutants, noCircuit + same, killed, explained, survived.length];
  const share = `${percent(score, false).toFixed(1)} % (${percent(score, true).toFixed(1)} %)`;
  return `| ${[...cells, share].join(" | ")} |`;
}

describe("the mutation scores", () => {
  it("are those of targets", () => {
    const targets = ["checker", ...TARGETS.map(({ name }) => name)];
    expect(targets).toEqual(expect.arrayContaining(Object.keys(scores)));
    expect(Object.keys(scores).length).toBeGreaterThanOrEqual(3);
  });

  it.each(Object.entries(scores))("of the target %s are those of the docs, at least 95 %%", (name, score) => {
    expect(percent(score, false)).toBeGreaterThanOrEqual(95);
    expect(docs).toContain(rowOf(name, score));
    for (const id of score.survived) expect(docs).toContain(`\`${id}\``);
  });

  it.each(Object.entries(scores))("of the target %s count every mutant once", (_, score) => {
    const { mutants, noCircuit, same, explained, killed, survived, modules } = score;
    expect(noCircuit + same + explained + killed + survived.length).toBe(mutants);
    const counts = Object.values(modules).flat();
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(explained + killed + survived.length);
  });
});
