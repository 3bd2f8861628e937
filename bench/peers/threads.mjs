import { existsSync } from "node:fs";

const ENTRY = new URL("../../dist/threads/index.js", import.meta.url);

/**
 * A batch over worker threads by `circulant/threads`, one contender for each number of threads.
 *
 * @returns `{ contenders }`, or `{ skipped }` with the reason where this build has no such entry
 */
export async function threadContenders(model, module, { words, batch, counts }) {
  if (!existsSync(ENTRY)) return { skipped: "threads: this build has no entry circulant/threads" };
  const { ThreadedSession } = await import(ENTRY.href);
  const contenders = [];
  for (const threads of counts) {
    const session = await ThreadedSession.fromModel(model, { threads, module });
    contenders.push({
      name: `${threads}`,
      items: batch,
      async: true,
      call: () => session.run({ input: words }),
      answer: async () => (await session.run({ input: words })).words.data,
      release: () => session.release(),
    });
  }
  return { contenders };
}
