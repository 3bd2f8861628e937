import type { Design, Simulation } from "../../src/rtl/simulate/design.ts";
import { checkerData } from "./checker-data.ts";
import { checkerMutants, executeChecker } from "./checker-mutants.ts";
import type { Result } from "./main.ts";

/** Tries to kill every mutant of the comparison, two at a time. */
export async function checkerCampaign(
  open: (design: Design) => Promise<Simulation>,
  only: string,
  onResult: (result: Result, left: number) => void,
): Promise<Result[]> {
  const data = await checkerData(open);
  const mutants = checkerMutants().filter(({ id }) => id.includes(only));
  const results: Result[] = [];
  const queue = [...mutants];
  const lane = async () => {
    for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
      const result = { id: mutant.id, ...(await executeChecker(mutant, data)) };
      results.push(result);
      onResult(result, mutants.length - results.length);
    }
  };
  await Promise.all([lane(), lane()]);
  return results;
}
