/** What is used of Node's module of worker threads. */
export interface NodeThreads {
  readonly Worker: new (address: URL | string, options: { readonly execArgv: readonly string[] }) => NodeWorker;
  /** The way to the thread that started this one, if one did. */
  readonly parentPort: MessagePort | null;
}

export interface NodeWorker {
  postMessage(message: unknown, transfer: readonly ArrayBuffer[]): void;
  on(event: "message" | "messageerror" | "error" | "exit", listener: (value: unknown) => void): void;
  ref(): void;
  unref(): void;
  terminate(): Promise<number>;
}

interface Global {
  readonly process?: {
    readonly getBuiltinModule?: (name: string) => unknown;
    readonly permission?: { readonly has: (scope: string) => boolean };
  };
  readonly navigator?: { readonly userAgent?: string };
  /** The name of an edge runtime, in one. */
  readonly EdgeRuntime?: string;
}

/**
 * Node's worker threads, without an import that no other place could read. Cloudflare's Workers have a module of this
 * name whose threads cannot be made, and edge runtimes throw at the question.
 */
export function nodeThreads(): NodeThreads | undefined {
  const { process, navigator, EdgeRuntime } = globalThis as unknown as Global;
  if (navigator?.userAgent === "Cloudflare-Workers" || EdgeRuntime !== undefined) return undefined;
  return process?.getBuiltinModule?.("node:worker_threads") as NodeThreads | undefined;
}

/** Whether `Worker` is the web's: some packages put Node's class, which has no events of the web, under that name. */
export function hasWebWorkers(): boolean {
  return typeof Worker === "function" && "addEventListener" in Worker.prototype;
}

/** Whether worker threads can be started: the web's, or Node's if it was started without a ban on them. */
export function hasThreads(): boolean {
  if (hasWebWorkers()) return true;
  const { process } = globalThis as unknown as Global;
  return nodeThreads() !== undefined && process?.permission?.has("worker") !== false;
}
