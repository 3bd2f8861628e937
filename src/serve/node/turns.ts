/** Calls that are run in a turn of the event loop; fewer while connections come. */
const CALLS = 32;
const CALLS_WHILE_CONNECTING = 4;
/** Late calls that are run in a turn beside them. */
const LATE_CALLS = 8;
/** Calls of a line that wait at most; more are run at once. */
const MAX_WAITING = 16_384;

/**
 * Spreads calls over the turns of the event loop. A turn takes one new connection (libuv accepts no more) and the words
 * of the threads: if it also ran whatever had come, a thousand busy connections would keep the next one waiting for
 * seconds. Calls that will be refused have a line of their own, so that those who come again at once do not take the
 * processor from the others.
 */
export interface Turns {
  /** Runs a call in its turn. One that is late is behind those that are not. */
  readonly enter: (run: () => void, isLate: boolean) => void;
  /** A connection has come, and others may wait behind it. */
  readonly connect: () => void;
  /** Calls that wait for their turn and are not late. */
  readonly waiting: () => number;
}

export function createTurns(): Turns {
  const calls: (() => void)[] = [];
  const late: (() => void)[] = [];
  let isScheduled = false;
  let isConnecting = false;

  const turn = () => {
    const most = isConnecting ? CALLS_WHILE_CONNECTING : CALLS;
    const now = [...calls.splice(0, most), ...late.splice(0, isConnecting ? 1 : LATE_CALLS)];
    isConnecting = false;
    isScheduled = false;
    if (calls.length + late.length > 0) schedule();
    for (const run of now) run();
  };

  const schedule = () => {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(turn);
  };

  return {
    enter(run, isLate) {
      const line = isLate ? late : calls;
      if (line.length >= MAX_WAITING) return run();
      line.push(run);
      schedule();
    },
    connect() {
      isConnecting = true;
    },
    waiting: () => calls.length,
  };
}
