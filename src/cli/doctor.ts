import { type Command, InvalidArgumentError, Option } from "commander";
import { type Capabilities, capabilities } from "../runtime/capabilities.ts";
import { type Check, holdTo, type Measured, measure, runtimeSizes } from "./examine.ts";
import { loadModel } from "./files.ts";
import { formatTable } from "./table.ts";
import { type Quantity, TARGETS, type TargetName } from "./targets.ts";

interface DoctorOptions {
  readonly target?: TargetName;
  readonly margin: number;
  readonly json?: boolean;
}

/** Adds `circulant doctor`. */
export function addDoctor(program: Command): void {
  program
    .command("doctor")
    .description("say what this engine can do, and whether a model fits the limits of a place to run it")
    .argument("[model]", "model file")
    .addOption(new Option("--target <name>", "where the model is to run").choices(Object.keys(TARGETS)))
    .option("--margin <n>", "how many times slower than here the target may be", parseMargin, 4)
    .option("--json", "print as JSON")
    .action(runDoctor);
}

function parseMargin(text: string): number {
  const value = Number(text);
  if (!(value >= 1 && value <= 1000)) throw new InvalidArgumentError("expected a number from 1 to 1000");
  return value;
}

/** A target with its checks of a model. */
interface Verdict {
  readonly target: TargetName;
  readonly fits: boolean;
  readonly checks: readonly Check[];
}

function runDoctor(file: string | undefined, options: DoctorOptions): void {
  const able = capabilities();
  const examined = file === undefined || able.backend === "none" ? undefined : examine(file, options);
  const isWell = able.backend === "wasm" && (options.target === undefined || examined?.verdicts[0].fits !== false);
  const node = process.version;
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ ok: isWell, node, ...able, ...(examined && { model: file, margin: options.margin, ...examined }) })}\n`
      : formatEngine(node, able) + (examined ? formatModel(file ?? "", examined, options) : ""),
  );
  if (!isWell) process.exitCode = 1;
}

function examine(file: string, { target, margin }: DoctorOptions) {
  const { bytes } = loadModel(file);
  const measured = measure(file);
  const sizes = runtimeSizes();
  const names = target === undefined ? (Object.keys(TARGETS) as TargetName[]) : [target];
  const verdicts = names.map((name): Verdict => {
    const checks = holdTo(TARGETS[name], { bytes, measured, sizes }, margin);
    return { target: name, fits: checks.every(({ fits }) => fits), checks };
  });
  return { measured, sizes, verdicts };
}

function formatEngine(node: string, able: Capabilities): string {
  const { webAssembly, simd, relaxedSimd, threads, sharedMemory } = able.engine;
  const says = (has: boolean) => (has ? "yes" : "no");
  const runs =
    able.backend === "wasm"
      ? `the ${able.binary} kernels: ${able.reason}`
      : `no kernels: ${able.reason}; ${able.remedy}`;
  return [
    `engine     Node ${node}`,
    `wasm       ${says(webAssembly)}, SIMD ${says(simd)}, relaxed SIMD ${says(relaxedSimd)}`,
    `threads    ${says(threads)}, shared memory ${says(sharedMemory)}`,
    `runs       ${runs}`,
    "",
  ].join("\n");
}

const NAMES: Readonly<Record<Quantity, string>> = {
  bytes: "runtime and model",
  gzipBytes: "the same, gzip",
  memoryBytes: "memory",
  inferenceMs: "processor time of an inference",
  startMs: "processor time to start",
};

function formatModel(
  file: string,
  { measured, verdicts }: { readonly measured: Measured; readonly verdicts: readonly Verdict[] },
  { margin, target }: DoctorOptions,
): string {
  const rows = verdicts.flatMap(({ target, checks }) =>
    checks.map(({ what, got, most, fits }, i) => [
      i === 0 ? target : "",
      NAMES[what],
      format(what, got),
      format(what, most),
      fits ? "fits" : "DOES NOT FIT",
    ]),
  );
  const reasons = verdicts.flatMap(({ target, checks }) =>
    checks
      .filter(({ fits }) => !fits)
      .map(({ what, got, most, source }) => {
        const numbers = `expected at most ${format(what, most)}, got ${format(what, got)}`;
        return `${target}: ${NAMES[what]}: ${numbers} (${source})`;
      }),
  );
  const end =
    target === undefined ? "" : `${file}: ${reasons.length === 0 ? "fits" : "does not fit"} ${TARGETS[target].title}\n`;
  return [
    `model      ${file}: ${measured.inferenceMs.toFixed(3)} ms an inference, ${measured.startMs.toFixed(1)} ms to start, ` +
      `${measured.memoryBytes} bytes of wasm memory; times below are ${margin} times these`,
    formatTable(["target", "", "got", "at most", ""], rows),
    ...reasons,
    end,
  ].join("\n");
}

function format(what: Quantity, value: number): string {
  return what.endsWith("Ms") ? `${value.toFixed(3)} ms` : `${value.toLocaleString("en")} bytes`;
}
