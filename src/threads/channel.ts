import { RuntimeError } from "../errors.ts";
import { messageOf } from "../runtime/message.ts";
import { hasWebWorkers, type NodeThreads, nodeThreads } from "../runtime/node-threads.ts";

/** A worker thread of this engine, in the shape that the web's and Node's have in common. */
export interface Channel {
  readonly post: (message: unknown, transfer: readonly ArrayBuffer[]) => void;
  /** Whether the process waits for the thread, where a process ends by itself. */
  readonly hold: (isHeld: boolean) => void;
  readonly end: () => Promise<void>;
}

/** What hears of a thread. */
export interface Listener {
  readonly onMessage: (data: unknown) => void;
  /** The thread ended, or failed so that it is of no use any more. Called once at most. */
  readonly onEnd: (cause: string) => void;
}

/** Where the program of a thread is. */
export type ThreadProgram = URL | string;

/**
 * Starts a thread.
 *
 * @param program where `circulant/threads/worker` is; undefined: beside this file
 * @throws RuntimeError if the engine has no threads or refuses one
 */
export function startThread(program: ThreadProgram | undefined, listener: Listener): Channel {
  let ended = false;
  const heard: Listener = {
    onMessage: listener.onMessage,
    onEnd(cause) {
      if (ended) return;
      ended = true;
      listener.onEnd(cause);
    },
  };
  try {
    if (hasWebWorkers()) return startWebWorker(program, heard);
    const node = nodeThreads();
    if (node) return startNodeWorker(node, program, heard);
  } catch (error) {
    throw noThreads(messageOf(error));
  }
  throw noThreads("there is neither Worker nor node:worker_threads");
}

function startWebWorker(program: ThreadProgram | undefined, { onMessage, onEnd }: Listener): Channel {
  // Bundlers know this very expression, and build the program as a file of its own.
  const worker =
    program === undefined
      ? new Worker(new URL("./worker.js", import.meta.url), { type: "module" })
      : new Worker(program, { type: "module" });
  const { ref, unref } = worker as Partial<Record<"ref" | "unref", () => void>>;
  const end = async () => worker.terminate();
  const fail = (cause: string) => {
    worker.terminate();
    onEnd(cause);
  };
  worker.onmessage = ({ data }) => onMessage(data);
  worker.onmessageerror = () => fail("a message that cannot be read");
  worker.onerror = (event) => {
    event.preventDefault?.();
    fail(withRemedy(event.message || `no program found at ${program ?? "./worker.js"}`));
  };
  worker.addEventListener("close", () => fail("one that was closed"));
  return {
    post: (message, transfer) => worker.postMessage(message, [...transfer]),
    hold: (isHeld) => (isHeld ? ref : unref)?.call(worker),
    end,
  };
}

function startNodeWorker({ Worker }: NodeThreads, program: ThreadProgram | undefined, listener: Listener): Channel {
  const worker = new Worker(program ?? new URL(besideThis(), import.meta.url), { execArgv: [] });
  const { onMessage, onEnd } = listener;
  let failure: string | undefined;
  const fail = (error: unknown) => {
    failure = withRemedy(messageOf(error));
  };
  worker.on("message", onMessage);
  worker.on("error", fail);
  worker.on("messageerror", (error) => {
    fail(error);
    void worker.terminate();
  });
  worker.on("exit", (code) => onEnd(failure ?? `one that ended with code ${code}`));
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    hold: (isHeld) => (isHeld ? worker.ref() : worker.unref()),
    async end() {
      await worker.terminate();
    },
  };
}

/** The program seen from this file; in the source tree, where Node cannot run it, that of the build. */
const besideThis = () => (import.meta.url.endsWith(".ts") ? "../../dist/threads/worker.js" : "./worker.js");

/** What to do where a bundler left the program of the threads behind. */
function withRemedy(cause: string): string {
  const isMissing = /not ?found|cannot find|no program/i.test(cause);
  return isMissing ? `${cause}; pass the address of circulant/threads/worker as the option worker` : cause;
}

function noThreads(reason: string): RuntimeError {
  return new RuntimeError(
    `threads: expected an engine that starts worker threads, got one where ${reason}; use Session, which runs in the calling thread`,
    { problem: "NO_THREADS", reason },
  );
}
