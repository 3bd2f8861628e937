import type { Logger } from "pino";
import type { Answered } from "../respond.ts";

/** Overload is logged at most as often. */
const OVERLOAD_MILLISECONDS = 1000;

/** Logs faults as errors, overload once in a while, and every call at level debug. */
export function createRecorder(log: Logger): (answered: Answered) => void {
  let overloaded = 0;
  let logged = Number.NEGATIVE_INFINITY;
  return ({ error, milliseconds, ...answered }) => {
    if (answered.status === 500) log.error({ ...answered, err: error }, "fault");
    if (answered.status === 503 && error !== undefined) {
      overloaded++;
      const now = performance.now();
      if (now - logged > OVERLOAD_MILLISECONDS) {
        log.warn({ refused: overloaded, model: answered.model }, "overload");
        [overloaded, logged] = [0, now];
      }
    }
    if (log.isLevelEnabled("debug")) {
      const message = error instanceof Error ? { error: error.message } : {};
      log.debug({ ...answered, ...message, milliseconds: Math.round(milliseconds * 1000) / 1000 }, "request");
    }
  };
}
