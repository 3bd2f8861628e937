// The program of a thread: sessions of its own over the kernels that all threads share.

import { type CoreOptions, RuntimeError, Session } from "../core.ts";
import { volume } from "../model/shape.ts";
import { nodeThreads } from "../runtime/node-threads.ts";
import { faultOf } from "./fault.ts";
import type { ThreadReply, ThreadRequest } from "./messages.ts";

function createThread(): (request: ThreadRequest) => ThreadReply | undefined {
  const sessions = new Map<string, Session>();

  const load = ({ key, model, options }: Extract<ThreadRequest, { kind: "load" }>): ThreadReply => {
    try {
      const { backend, module, memoryBytes } = options;
      const limits = memoryBytes === undefined ? {} : { limits: { memoryBytes } };
      const session = Session.fromModel(model, { backend, module, ...limits } as CoreOptions);
      session.runSync({ input: new Int16Array(volume(model.input.shape)) });
      sessions.set(key, session);
      return { kind: "loaded", key, loaded: { memoryBytes: session.memoryBytes, memory: session.memory } };
    } catch (error) {
      return { kind: "refused", key, fault: faultOf(error) };
    }
  };

  const run = ({ key, numbers }: Extract<ThreadRequest, { kind: "run" }>): ThreadReply => {
    try {
      const session = sessions.get(key);
      if (!session) throw new RuntimeError(`model ${key}: expected one that is loaded`);
      return { kind: "words", words: session.wordsOf({ input: numbers }) };
    } catch (error) {
      return { kind: "failed", fault: faultOf(error) };
    }
  };

  return (request) => {
    if (request.kind === "load") return load(request);
    if (request.kind === "run") return run(request);
    sessions.get(request.key)?.release();
    sessions.delete(request.key);
    return undefined;
  };
}

/** The way to the thread that started this one: a web worker's own scope has it, or Node gives it. */
const port = (typeof globalThis.postMessage === "function" ? globalThis : nodeThreads()?.parentPort) as
  | Pick<MessagePort, "onmessage" | "postMessage">
  | null
  | undefined;
const answer = createThread();
if (port) {
  port.onmessage = ({ data }: MessageEvent<ThreadRequest>) => {
    const reply = answer(data);
    if (reply) port.postMessage(reply, reply.kind === "words" ? [reply.words.buffer] : []);
  };
}
