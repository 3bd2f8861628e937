import { readImageSet } from "../data/read.ts";
import { CirculantError } from "../errors.ts";
import type { Order } from "./dispatch.ts";
import { type Bench, execute } from "./execute.ts";
import type { Assignment, Reply } from "./pool.ts";

/** Milliseconds between two reports. */
const PAUSE = 500;

let bench: Omit<Bench, "threads"> | undefined;

function say(reply: Reply): void {
  process.send?.(reply);
}

function begin({ config, data }: Assignment): void {
  const classes = config.recipe.labels.length;
  const train = readImageSet(data, "train", classes);
  let last = 0;
  bench = {
    config,
    train,
    test: () => readImageSet(data, "test", classes),
    onProgress: (progress) => {
      if (performance.now() - last < PAUSE) return;
      last = performance.now();
      say({ kind: "progress", progress });
    },
  };
  say({ kind: "ready" });
}

async function work({ job, files, threads }: Order): Promise<void> {
  if (bench === undefined) return;
  const started = performance.now();
  const outcome = await execute({ ...bench, threads }, job, files);
  const seconds = Number(((performance.now() - started) / 1000).toFixed(1));
  say({ kind: "done", outcome: { ...outcome, seconds } });
}

process.on("message", async (message: Assignment | Order) => {
  if (!("job" in message)) return begin(message);
  try {
    await work(message);
  } catch (error) {
    const { message: text } = error as Error;
    const known = error instanceof CirculantError ? { code: error.code, fields: error.fields } : {};
    say({ kind: "failed", message: text, ...known });
  }
});
// the process that started this one ends it: an interrupt from the terminal reaches both
process.on("SIGINT", () => {});
process.once("disconnect", () => process.exit());
