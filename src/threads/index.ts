// The entry "circulant/threads": sessions over worker threads. It stands on the entry "circulant" and, as that, imports
// no package and no module of any one platform.

export type { ThreadProgram } from "./channel.ts";
export { type RunOptions, type ThreadedOptions, ThreadedSession } from "./threaded.ts";
