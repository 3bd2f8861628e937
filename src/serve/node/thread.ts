import { parentPort, workerData } from "node:worker_threads";
import { CirculantError } from "../../errors.ts";
import { volume } from "../../model/shape.ts";
import { Session } from "../../runtime/session.ts";
import type { ThreadReply, ThreadRequest, ThreadTask } from "./messages.ts";

/** One of the threads of a pool: sessions of its own over the kernels that all share. */
function createThread({ module }: ThreadTask): (request: ThreadRequest) => ThreadReply | undefined {
  const sessions = new Map<string, Session>();

  const load = (key: string, bytes: Uint8Array): ThreadReply => {
    try {
      const session = Session.createSync(bytes, { module });
      const [[input], [output]] = [session.inputs, session.outputs];
      session.runSync({ input: new Int16Array(volume(input.dims)) });
      sessions.set(key, session);
      return { kind: "loaded", key, facts: { input, output, labels: session.labels } };
    } catch (error) {
      if (!(error instanceof CirculantError)) throw error;
      return { kind: "refused", key, code: error.code, message: error.message };
    }
  };

  return (request) => {
    const { kind, key } = request;
    if (kind === "load") return load(key, request.bytes);
    if (kind === "unload") {
      sessions.get(key)?.release();
      sessions.delete(key);
      return undefined;
    }
    const session = sessions.get(key);
    if (!session) return { kind: "failed", message: `model ${key}: expected one that is loaded` };
    try {
      const { data } = session.runSync({ input: request.numbers }).words;
      return { kind: "words", words: Int16Array.from(data) };
    } catch (error) {
      return { kind: "failed", message: error instanceof Error ? error.message : String(error) };
    }
  };
}

const answer = createThread(workerData as ThreadTask);
parentPort?.on("message", (request: ThreadRequest) => {
  const reply = answer(request);
  if (reply) parentPort?.postMessage(reply, reply.kind === "words" ? [reply.words.buffer] : []);
});
