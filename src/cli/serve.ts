import { type Command, Option } from "commander";
import { pino } from "pino";
import { OptionError } from "../errors.ts";
import { DEFAULT_SERVE_LIMITS } from "../serve/limits.ts";
import { nameOf } from "../serve/node/model-file.ts";
import { startServer } from "../serve/node/server.ts";
import type { ModelPlace } from "../serve/node/shelf.ts";

interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly threads?: number;
  readonly batch: number;
  readonly queue: number;
  readonly body: number;
  readonly window: number;
  readonly timeout: number;
  readonly grace: number;
  readonly watch: number;
  readonly logLevel: string;
}

const LEVELS = ["debug", "info", "warn", "error", "silent"];
const { batch, waiting, bodyBytes } = DEFAULT_SERVE_LIMITS;

/** Adds `circulant serve`. */
export function addServe(program: Command): void {
  program
    .command("serve")
    .description("serve models over HTTP by the Open Inference Protocol v2, until SIGTERM or SIGINT")
    .argument("<models...>", "model files, or folders with one; NAME=FILE gives a name, else that of the file is taken")
    .option("--host <address>", "address to listen on; 0.0.0.0 is all of them", "127.0.0.1")
    .option("--port <n>", "port to listen on; 0 is any that is free", Number, 8080)
    .option("--threads <n>", "threads that run models; default: one a core", Number)
    .option("--batch <n>", "most items of a request, and that a thread gets at once", Number, batch)
    .option("--queue <n>", "most items that wait or run; more are answered 503", Number, waiting)
    .option("--body <bytes>", "most bytes of a request's body", Number, bodyBytes)
    .option("--window <ms>", "how long a request waits for others to form a batch", Number, 0)
    .option("--timeout <ms>", "how long a request may take to arrive, and then to be answered", Number, 10_000)
    .option("--grace <ms>", "how long what was taken may take once the server is to end", Number, 30_000)
    .option("--watch <ms>", "how often model files are looked at for a new one; 0: only on SIGHUP", Number, 1000)
    .addOption(new Option("--log-level <level>", "what is logged to standard error").choices(LEVELS).default("info"))
    .action(runServe);
}

async function runServe(files: readonly string[], options: ServeOptions): Promise<void> {
  const times = { window: options.window, timeout: options.timeout, grace: options.grace, watch: options.watch };
  for (const [name, value] of Object.entries(times))
    checkInteger(`--${name}`, value, name === "timeout" ? 1 : 0, 2 ** 31 - 1);
  checkInteger("--port", options.port, 0, 65535);
  const log = pino({ level: options.logLevel, base: null }, pino.destination({ dest: 2, sync: true }));
  const server = await startServer({
    models: files.map(placeOf),
    host: options.host,
    port: options.port,
    ...(options.threads === undefined ? {} : { threads: options.threads }),
    limits: { batch: options.batch, waiting: options.queue, bodyBytes: options.body },
    windowMilliseconds: options.window,
    timeoutMilliseconds: options.timeout,
    watchMilliseconds: options.watch,
    log,
  });
  console.log(`http://${options.host.includes(":") ? `[${options.host}]` : options.host}:${server.port}/v2`);
  const onHangup = () => void server.reload();
  process.on("SIGHUP", onHangup);
  const signal = await ending();
  log.info({ signal }, "ending");
  await server.close(options.grace);
  process.off("SIGHUP", onHangup);
  log.info("ended");
}

function placeOf(argument: string): ModelPlace {
  const [, name, path] = /^([^=/\\]*)=(.+)$/.exec(argument) ?? [];
  return path === undefined ? { name: nameOf(argument), path: argument } : { name, path };
}

function checkInteger(option: string, value: number, least: number, largest: number): void {
  if (Number.isInteger(value) && value >= least && value <= largest) return;
  throw new OptionError(`${option}: expected an integer from ${least} to ${largest}, got ${value}`, { option });
}

/** Resolves with the first signal to end; the second one ends the process at once. */
function ending(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, resolve);
  });
}
