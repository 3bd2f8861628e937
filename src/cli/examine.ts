import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { DataError, SimulationError } from "../errors.ts";
import type { Quantity, Target } from "./targets.ts";

const DIST = new URL("../../dist/", import.meta.url);

/** Sizes of the runtime, bundled and minified, as the build measured them. */
export type RuntimeSizes = Readonly<Record<Target["runtime"], { readonly bytes: number; readonly gzipBytes: number }>>;

/** What a fresh process measured of a model, in its own processor time. */
export interface Measured {
  /** From the import of the runtime to the end of the first inference. */
  readonly startMs: number;
  /** One inference of many. */
  readonly inferenceMs: number;
  /** By which the process grew meanwhile. */
  readonly grownBytes: number;
  /** Wasm memory of the session: the memory plan. */
  readonly memoryBytes: number;
}

/** A quantity against its limit. */
export interface Check {
  readonly what: Quantity;
  readonly got: number;
  readonly most: number;
  readonly fits: boolean;
  readonly source: string;
}

/** @throws DataError if the package was not built */
export function runtimeSizes(): RuntimeSizes {
  const file = new URL("runtime-sizes.json", DIST);
  try {
    return JSON.parse(readFileSync(file, "utf8")) as RuntimeSizes;
  } catch (cause) {
    throw new DataError(`${file.pathname}: expected the sizes of the runtime (${(cause as Error).message})`);
  }
}

/** Holds a model to the limits of a target. Times are multiplied by the margin, for other processors are slower. */
export function holdTo(
  target: Target,
  model: { readonly bytes: Uint8Array; readonly measured: Measured; readonly sizes: RuntimeSizes },
  margin: number,
): readonly Check[] {
  const { bytes, measured, sizes } = model;
  const runtime = sizes[target.runtime];
  const got: Readonly<Record<Quantity, number>> = {
    bytes: runtime.bytes + bytes.length,
    gzipBytes: runtime.gzipBytes + gzipSync(bytes).length,
    memoryBytes: Math.max(measured.memoryBytes + bytes.length, measured.grownBytes),
    inferenceMs: measured.inferenceMs * margin,
    startMs: measured.startMs * margin,
  };
  return target.limits.map(({ what, most, source }) => ({
    what,
    got: got[what],
    most,
    fits: got[what] <= most,
    source,
  }));
}

/** A program with the bundled runtime, in a process of its own, so that nothing is warm. */
const PROBE = `
  const { readFileSync } = await import("node:fs");
  const bytes = readFileSync(process.argv[1]);
  const cpu = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000; };
  const before = process.memoryUsage().rss;
  const started = cpu();
  const { Session } = await import(process.argv[2]);
  const session = await Session.create(bytes);
  const input = Float32Array.from(session.inputView, (_, i) => ((i * 37) % 256) / 128 - 1);
  session.runSync({ input });
  const startMs = cpu() - started;
  const grownBytes = process.memoryUsage().rss - before;
  for (let i = 0; i < 20; i++) session.runSync({ input });
  const from = cpu();
  let runs = 0;
  do { session.runSync({ input }); runs++; } while (cpu() - from < 200 && runs < 20000);
  const inferenceMs = (cpu() - from) / runs;
  console.log(JSON.stringify({ startMs, inferenceMs, grownBytes, memoryBytes: session.memoryBytes }));
`;

/** Measures a model file here, in a fresh process. @throws SimulationError if the process fails */
export function measure(file: string): Measured {
  const args = ["--input-type=module", "-e", PROBE, file, new URL("bundle.js", DIST).href];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status === 0) return JSON.parse(stdout) as Measured;
  throw new SimulationError(`${file}: expected a process that measures it, got exit status ${status}\n${stderr}`);
}
