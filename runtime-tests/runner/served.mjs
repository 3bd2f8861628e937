import { freePort, withServer } from "./processes.mjs";
import { repeat } from "./repeat.mjs";

/**
 * Asks a fresh server for the suite, then fresh ones for their first inference. A server that stands still has no
 * running clock, so the time is the caller's, from request to answer; the request before it has paid for the start.
 *
 * @param server command, arguments and folder of a server for a port
 */
export async function reportOfServer(server, repeats) {
  const onFresh = async (use) => {
    const port = await freePort();
    return withServer({ ...server(port), address: `http://127.0.0.1:${port}/empty` }, () => use(port));
  };
  const report = await onFresh((port) => ask(port, "/suite"));
  const firsts = await repeat(repeats, () => onFresh(timeFirst));
  return { report, firsts };
}

async function timeFirst(port) {
  await ask(port, "/empty");
  const start = performance.now();
  const { words } = await ask(port, "/first");
  return { milliseconds: performance.now() - start, words };
}

async function ask(port, path) {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  const text = await response.text();
  if (response.ok) return JSON.parse(text);
  throw new Error(`${path}: expected 200, got ${response.status}: ${text}`);
}
