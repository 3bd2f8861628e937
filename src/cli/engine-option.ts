import { type Command, Option } from "commander";
import { OptionError } from "../errors.ts";
import { DEFAULT_PARAMETERS } from "../rtl/parameters.ts";
import { parseCount } from "./numbers.ts";
import { addStream, type StreamOptions } from "./pipeline-shape.ts";

/** The options of an engine that is to be built, of either kind. */
export interface EngineOptions extends StreamOptions {
  readonly engine: "engine" | "pipeline";
  readonly lanes: number;
}

/** Adds `--engine`, `--lanes` and the options of the streaming engine. */
export function addEngine(command: Command): Command {
  command
    .addOption(
      new Option("--engine <name>", "engine: one vector at a time, or the streaming one")
        .choices(["engine", "pipeline"])
        .default("engine"),
    )
    .option("--lanes <n>", "complex multipliers of the spectral product", parseCount, DEFAULT_PARAMETERS.LANES);
  return addStream(command).hook("preAction", checkOptions);
}

/** The options that only one of the engines has. */
const OPTIONS: Readonly<Record<EngineOptions["engine"], readonly string[]>> = {
  engine: ["lanes"],
  pipeline: ["paths", "blocks", "stream", "slots"],
};

function checkOptions(command: Command): void {
  const engine = command.opts<EngineOptions>().engine;
  const other = engine === "engine" ? "pipeline" : "engine";
  const given = OPTIONS[other].find((name) => command.getOptionValueSource(name) === "cli");
  if (given !== undefined) {
    throw new OptionError(`--${given}: expected --engine ${other}, got ${engine}`, { option: given });
  }
}
