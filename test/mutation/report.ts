import type { Result } from "./main.ts";
import { readJson } from "./target.ts";

/** Mutants that no vector can tell from the design, and why; by the end of their ids, `*` for any text. */
interface Explained {
  readonly reason: string;
  readonly mutants: readonly string[];
}

const EQUIVALENTS = new URL("../../test/mutation/equivalents.json", import.meta.url);

/**
 * Prints the score of a target and its survivors.
 *
 * @returns false if the score is below 95 %, a mutant that is explained was killed, or an explanation explains none
 */
export function report(name: string, results: readonly Result[]): boolean {
  const explained = readJson<Readonly<Record<string, readonly Explained[]>>>(EQUIVALENTS)[name] ?? [];
  const patterns = explained.flatMap(({ mutants }) => mutants).map((text) => ({ text, pattern: patternOf(text) }));
  const isExplained = (id: string) => patterns.some(({ pattern }) => pattern.test(id));
  const of = (verdict: Result["verdict"]) => results.filter((result) => result.verdict === verdict);
  const survivors = of("survived");
  const equivalent = survivors.filter(({ id }) => isExplained(id));
  const holes = survivors.filter(({ id }) => !isExplained(id));
  const killed = of("killed");
  const wrong = killed.filter(({ id }) => isExplained(id));
  const counted = killed.length + holes.length;
  const score = counted === 0 ? 100 : (100 * killed.length) / counted;
  for (const { id } of holes) console.log(`survived: ${id}`);
  for (const { id, by } of wrong) console.log(`explained as equivalent, but killed by ${by}: ${id}`);
  console.log(
    `${name}: ${results.length} mutants: ${of("stillborn").length} are no circuit or no change, ${of("same").length} ` +
      `translate to the same program, ${equivalent.length} are explained as equivalent`,
  );
  console.log(`${name}: ${killed.length} of ${counted} killed, ${holes.length} survived: ${score.toFixed(1)} %`);
  return score >= 95 && wrong.length === 0;
}

function patternOf(text: string): RegExp {
  return new RegExp(
    `^${text
      .split("*")
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
      .join(".*")}$`,
  );
}
