import cliProgress from "cli-progress";

/** A bar on standard error with the time left; nothing where that is no terminal. */
export function progressBar(what: string, total: number): { update(done: number): void; stop(): void } {
  const format = `${what} {bar} {value}/{total} eta {eta_formatted}`;
  const bar = new cliProgress.SingleBar({ format, stream: process.stderr, clearOnComplete: true, hideCursor: true });
  if (process.stderr.isTTY) bar.start(total, 0);
  return { update: (done) => bar.update(done), stop: () => bar.stop() };
}
