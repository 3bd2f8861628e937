// The package "circulant/threads": all of "circulant", and sessions over worker threads. It asks for the address of their
// program when a thread is started. No dependency, no module of any one platform.

export * from "../index.ts";
export type { ThreadProgram } from "./channel.ts";
export { type RunOptions, type ThreadedOptions, ThreadedSession } from "./threaded.ts";
