import { type Blocks, withBlocks } from "./blocks.ts";
import { chooseBits } from "./choose-bits.ts";
import type { Run } from "./context.ts";
import { type Bits, pointName } from "./job.ts";
import type { Searched, Trained } from "./search.ts";
import type { Finished } from "./stage.ts";

/** A finished point before it is tested. */
export interface FinishedPoint {
  readonly id: string;
  readonly blocks: Blocks;
  readonly bits: Bits;
  readonly rungs: readonly Trained[];
  readonly finish: Finished<"finish">;
}

/** Steps 5 and 6 of docs/design.md: bits of the weights, and training with the deployed integers. */
export async function finishPoints(
  { config, journal, stages }: Run,
  left: Searched["left"],
): Promise<readonly FinishedPoint[]> {
  const lastOf = (rungs: readonly Trained[]) => rungs[rungs.length - 1];
  const checkpoints = new Map(left.map((rungs) => [lastOf(rungs).blocks.join(), lastOf(rungs).files.checkpoint]));
  const filesOf = ({ blocks }: { readonly blocks: Blocks }) => ({
    checkpoint: journal.read(checkpoints.get(blocks.join()) ?? ""),
  });
  const measured = await stages.all<"bits">(
    left.map((rungs) => ({ kind: "bits" as const, blocks: lastOf(rungs).blocks })),
    filesOf,
  );
  const wanted = measured.flatMap(({ job, result }, n) =>
    chooseBits(withBlocks(config.recipe, job.blocks), result, config.search.tolerances).map((bits) => ({
      ...{ blocks: job.blocks, bits, rungs: left[n] },
    })),
  );
  const finished = await stages.all<"finish">(
    wanted.map(({ blocks, bits }) => ({ kind: "finish" as const, blocks, bits })),
    filesOf,
  );
  return wanted.map((point, n) => ({ ...point, id: pointName(point.blocks, point.bits), finish: finished[n] }));
}
