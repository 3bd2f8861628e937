import type { Design, Simulation } from "../../src/rtl/simulate/design.ts";
import { checkerData } from "./checker-data.ts";
import { type CheckerMutant, executeChecker } from "./checker-mutants.ts";
import type { Result } from "./main.ts";

/** Tries to kill mutants of the comparison, two at a time. */
export async function checkerCampaign(
  open: (design: Design) => Promise<Simulation>,
  mutants: readonly CheckerMutant[],
  onResult: (id: string, result: Pick<Result, "verdict" | "by">) => void,
): Promise<void> {
  const data = await checkerData(open);
  const queue = [...mutants];
  const lane = async () => {
    for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
      onResult(mutant.id, await executeChecker(mutant, data));
    }
  };
  await Promise.all([lane(), lane()]);
}
