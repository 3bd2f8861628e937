import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { CirculantError, type ErrorCode, RuntimeError } from "../errors.ts";
import type { DesignConfig } from "./config.ts";
import type { Dispatcher, Order, Worked } from "./dispatch.ts";
import type { JobProgress } from "./job.ts";

/** What a process is told to begin with. */
export interface Assignment {
  readonly config: DesignConfig;
  /** Folder of the images. */
  readonly data: string;
}

/** What a process says. */
export type Reply =
  | { readonly kind: "ready" }
  | { readonly kind: "progress"; readonly progress: JobProgress }
  | { readonly kind: "done"; readonly outcome: Worked }
  | { readonly kind: "failed"; readonly message: string; readonly code?: ErrorCode; readonly fields?: object };

interface Turn {
  readonly order: Order;
  readonly onProgress: (progress: JobProgress) => void;
  readonly resolve: (outcome: Worked) => void;
  readonly reject: (error: unknown) => void;
}

/** Processes of this machine that work jobs off, one each at a time, in the order in which they are submitted. */
export function hireProcesses(assignment: Assignment, count: number): Dispatcher {
  const waiting: Turn[] = [];
  const idle: ChildProcess[] = [];
  const busy = new Map<ChildProcess, Turn>();
  let closed = false;

  const give = () => {
    while (idle.length > 0 && waiting.length > 0) {
      const [child, turn] = [idle.pop(), waiting.shift()];
      if (child === undefined || turn === undefined) return;
      busy.set(child, turn);
      child.send(turn.order);
    }
  };
  const hear = (child: ChildProcess, reply: Reply) => {
    const turn = busy.get(child);
    if (reply.kind === "progress") return turn?.onProgress(reply.progress);
    busy.delete(child);
    idle.push(child);
    if (reply.kind === "done") turn?.resolve(reply.outcome);
    if (reply.kind === "failed") turn?.reject(errorOf(reply));
    give();
  };
  const lose = (child: ChildProcess, how: string) => {
    children.delete(child);
    busy.get(child)?.reject(lost(how));
    busy.delete(child);
    if (!closed && children.size === 0) for (const { reject } of waiting.splice(0)) reject(lost(how));
  };
  const start = (): ChildProcess => {
    const child = fork(WORKER, [], { serialization: "advanced", execArgv: [] });
    child.on("message", (reply: Reply) => hear(child, reply));
    child.once("exit", (code, signal) => lose(child, signal ?? `code ${code}`));
    child.send(assignment);
    return child;
  };
  const children = new Set(Array.from({ length: count }, start));

  return {
    submit: (order, onProgress) =>
      new Promise((resolve, reject) => {
        if (children.size === 0) return reject(lost("all at once"));
        waiting.push({ order, onProgress, resolve, reject });
        give();
      }),
    close: async () => {
      closed = true;
      const ends = [...children].map((child) => new Promise((resolve) => child.once("exit", resolve)));
      for (const child of children) child.kill();
      await Promise.all(ends);
    },
  };
}

const WORKER = fileURLToPath(
  new URL(`${import.meta.url.endsWith(".ts") ? "../../dist/design" : "."}/worker.js`, import.meta.url),
);

function errorOf({ message, code, fields }: Extract<Reply, { kind: "failed" }>): Error {
  return code ? new CirculantError(code, message, { ...fields }) : new Error(message);
}

function lost(how: string): RuntimeError {
  return new RuntimeError(`worker: expected a process that goes on, got one that ended with ${how}; --resume goes on`, {
    problem: "WORKER",
  });
}
