import { existsSync, writeFileSync } from "node:fs";
import type { Verdict } from "./netlist-mutants.ts";
import { readJson } from "./target.ts";

/** A mutant that was tried. */
export interface Judged {
  readonly id: string;
  readonly verdict: Verdict;
  readonly by?: string;
  readonly module: string;
  readonly faultClass?: string;
}

/** Mutants that no vector can tell from the design, and why; by the end of their ids, `*` for any text. */
interface Explained {
  readonly reason: string;
  readonly mutants: readonly string[];
}

/** Mutants killed, explained as equivalent, and neither. */
export type Counts = readonly [killed: number, explained: number, survived: number];

/** What a whole run of a target gave. */
export interface Score {
  /** Of what was mutated. */
  readonly digest: string;
  readonly mutants: number;
  readonly noCircuit: number;
  readonly same: number;
  readonly explained: number;
  readonly killed: number;
  readonly survived: readonly string[];
  readonly faults: Readonly<Record<string, Counts>>;
  readonly modules: Readonly<Record<string, Counts>>;
}

export const SCORES: URL = new URL("../../test/mutation/score.json", import.meta.url);
const EQUIVALENTS = new URL("../../test/mutation/equivalents.json", import.meta.url);

/** Percent of the mutants that are killed; of all that change the circuit if those explained are counted too. */
export function percent({ killed, explained, survived }: Score, withExplained: boolean): number {
  const counted = killed + survived.length + (withExplained ? explained : 0);
  return counted === 0 ? 100 : (100 * killed) / counted;
}

/**
 * Prints the score of a target and its survivors, and keeps it in score.json if all mutants were tried.
 *
 * @returns false if the score is below 95 %, a mutant that is explained was killed, or an explanation explains none
 */
export function report(name: string, judged: readonly Judged[], digest: string, isWhole: boolean): boolean {
  const patterns = patternsOf(name);
  const isExplained = explanations(name);
  const survivors = judged.filter(({ verdict }) => verdict === "survived");
  const wrong = judged.filter(({ id, verdict }) => verdict === "killed" && isExplained(id));
  const idle = patterns.filter(({ pattern }) => !survivors.some(({ id }) => pattern.test(id)));
  const count = (verdict: Verdict) => judged.filter((it) => it.verdict === verdict).length;
  const tableBy = (keyOf: (it: Judged) => string | undefined) => tally(judged, isExplained, keyOf);
  const score: Score = {
    digest,
    mutants: judged.length,
    noCircuit: count("stillborn"),
    same: count("same"),
    explained: survivors.filter(({ id }) => isExplained(id)).length,
    killed: count("killed"),
    survived: survivors.map(({ id }) => id).filter((id) => !isExplained(id)),
    faults: tableBy(({ faultClass }) => faultClass),
    modules: tableBy(({ module }) => module),
  };
  for (const id of score.survived) console.log(`survived: ${id}`);
  for (const { id, by } of wrong) console.log(`explained as equivalent, but killed by ${by}: ${id}`);
  if (isWhole) for (const { text } of idle) console.log(`explains no survivor: ${text}`);
  print(name, score);
  if (isWhole) keep(name, score);
  return percent(score, false) >= 95 && wrong.length === 0 && !(isWhole && idle.length > 0);
}

/** Tells of a target's mutant whether it is explained as equivalent. */
export function explanations(name: string): (id: string) => boolean {
  const patterns = patternsOf(name);
  return (id) => patterns.some(({ pattern }) => pattern.test(id));
}

function patternsOf(name: string): readonly { readonly text: string; readonly pattern: RegExp }[] {
  const explained = readJson<Readonly<Record<string, readonly Explained[]>>>(EQUIVALENTS)[name] ?? [];
  return explained.flatMap(({ mutants }) => mutants).map((text) => ({ text, pattern: patternOf(text) }));
}

function tally(
  judged: readonly Judged[],
  isExplained: (id: string) => boolean,
  keyOf: (it: Judged) => string | undefined,
): Record<string, Counts> {
  const rows: Record<string, [number, number, number]> = {};
  for (const it of judged) {
    const key = keyOf(it);
    if (key === undefined || (it.verdict !== "killed" && it.verdict !== "survived")) continue;
    rows[key] ??= [0, 0, 0];
    rows[key][it.verdict === "killed" ? 0 : isExplained(it.id) ? 1 : 2]++;
  }
  return Object.fromEntries(Object.entries(rows).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function print(name: string, score: Score): void {
  for (const [title, rows] of [
    ["fault", score.faults],
    ["module", score.modules],
  ] as const) {
    const entries = Object.entries(rows);
    if (entries.length === 0) continue;
    console.log(`${`${name}, by ${title}`.padEnd(34)}  killed  explained  survived`);
    for (const [key, [killed, explained, survived]] of entries) {
      const cells = [String(killed).padStart(6), String(explained).padStart(9), String(survived).padStart(8)];
      console.log(`  ${key.padEnd(32)}  ${cells.join("  ")}`);
    }
  }
  const { mutants, noCircuit, same, explained, killed, survived } = score;
  console.log(
    `${name}: ${mutants} mutants: ${noCircuit} are no circuit, ${same} translate to the same program, ` +
      `${explained} are explained as equivalent`,
  );
  console.log(
    `${name}: ${killed} of ${killed + survived.length} killed, ${survived.length} survived: ` +
      `${percent(score, false).toFixed(1)} %; ${percent(score, true).toFixed(1)} % with those explained`,
  );
}

function keep(name: string, score: Score): void {
  const scores = existsSync(SCORES) ? readJson<Record<string, Score>>(SCORES) : {};
  const all = Object.entries({ ...scores, [name]: score }).sort(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(SCORES, `${JSON.stringify(Object.fromEntries(all), null, 2).replace(COUNTS, "[$1, $2, $3]")}\n`);
}

/** Three numbers stand in one line. */
const COUNTS = /\[\s+(\d+),\s+(\d+),\s+(\d+)\s+\]/g;

function patternOf(text: string): RegExp {
  return new RegExp(
    `^${text
      .split("*")
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
      .join(".*")}$`,
  );
}
