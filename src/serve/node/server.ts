import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { availableParallelism } from "node:os";
import type { Logger } from "pino";
import { DataError, OptionError } from "../../errors.ts";
import { checkModelName } from "../handler.ts";
import { checkLimits, type ServeLimits } from "../limits.ts";
import { createResponder } from "../respond.ts";
import { createHttpServer } from "./http.ts";
import { createMetrics } from "./metrics.ts";
import { createPool } from "./pool.ts";
import { createRecorder } from "./record.ts";
import { createReloader, watchPlaces } from "./reload.ts";
import { createShelf, type ModelPlace } from "./shelf.ts";
import { createTurns } from "./turns.ts";

export interface ServerOptions {
  readonly models: readonly ModelPlace[];
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Default: as many as the processor has cores. */
  readonly threads?: number;
  readonly limits?: Partial<ServeLimits>;
  readonly windowMilliseconds: number;
  readonly timeoutMilliseconds: number;
  /** How often model files are looked at; 0: never. */
  readonly watchMilliseconds: number;
  readonly log: Logger;
}

/** A server that listens. */
export interface RunningServer {
  readonly port: number;
  /** Reads every model file again. What does not hold is logged and counted, and the file before goes on. */
  readonly reload: () => Promise<void>;
  /** Takes no more connections, answers what it took, and ends; after `graceMilliseconds` it ends what is left. */
  readonly close: (graceMilliseconds: number) => Promise<void>;
}

/** Bytes of bodies at a time, and connections. */
const BUFFER_BYTES = 64 * 2 ** 20;
const MAX_CONNECTIONS = 16_384;

/**
 * Serves model files by the Open Inference Protocol v2, with Prometheus metrics at `/metrics`.
 *
 * @throws DataError, ModelFileError and others if a file does not hold, or if the address cannot be listened on
 * @throws OptionError if an option does not hold
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { models: places, host, port, windowMilliseconds, timeoutMilliseconds, watchMilliseconds, log } = options;
  checkPlaces(places);
  const limits = checkLimits(options.limits ?? {});
  let closing = false;
  const pool = createPool({
    threads: options.threads ?? availableParallelism(),
    batch: limits.batch,
    windowMilliseconds,
    timeoutMilliseconds,
    onBatch: (_, items) => metrics.onBatch(items),
    onLost(error) {
      metrics.onLost();
      log.error({ err: error }, "thread lost");
    },
  });
  const shelf = createShelf(pool);
  const respond = createResponder(shelf.models, {
    limits,
    isReady: () => !closing && pool.live() > 0,
    onAnswered(answered) {
      metrics.onAnswered(answered);
      record(answered);
    },
  });
  const turns = createTurns();
  const waiting = () => turns.waiting() + respond.waiting();
  const metrics = createMetrics({
    waiting,
    threads: pool.live,
    versions: () => [...shelf.models].map(([name, { version = "" }]) => [name, version] as const),
  });
  const record = createRecorder(log);

  const reload = createReloader(shelf, metrics, log);
  const http = createHttpServer((call) => (call.path === "/metrics" ? metrics.page() : respond(call)), {
    bufferBytes: BUFFER_BYTES,
    arrivalMilliseconds: timeoutMilliseconds,
    maxConnections: MAX_CONNECTIONS,
    turns,
    isFull: () => waiting() >= limits.waiting,
    isClosing: () => closing,
  });
  let endWatch = () => {};
  try {
    await Promise.all(places.map(shelf.add));
    await listen(http, port, host);
    if (watchMilliseconds > 0) endWatch = await watchPlaces(places, watchMilliseconds, reload);
  } catch (error) {
    http.close();
    await pool.close();
    throw error;
  }
  for (const [model, { version }] of shelf.models) log.info({ model, version }, "model loaded");

  return {
    port: (http.address() as AddressInfo).port,
    async reload() {
      await Promise.all(places.map(reload));
    },
    async close(graceMilliseconds) {
      closing = true;
      endWatch();
      const timer = setTimeout(() => http.closeAllConnections(), graceMilliseconds);
      http.close();
      await once(http, "close");
      clearTimeout(timer);
      await pool.close();
    },
  };
}

function checkPlaces(places: readonly ModelPlace[]): void {
  if (places.length === 0) throw new OptionError("models: expected one or more, got none", { option: "models" });
  const names = new Set<string>();
  for (const { name } of places) {
    checkModelName(name);
    if (names.has(name)) {
      throw new OptionError(`models: expected names that differ, got ${name} twice; give NAME=FILE`, {
        option: "models",
      });
    }
    names.add(name);
  }
}

async function listen(http: ReturnType<typeof createHttpServer>, port: number, host: string): Promise<void> {
  try {
    http.listen(port, host, 4096);
    await once(http, "listening");
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new DataError(`${host}:${port}: expected an address to listen on (${why}); give another with --port`);
  }
}
