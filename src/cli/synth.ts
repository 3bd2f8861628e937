import { join } from "node:path";
import { type Command, Option } from "commander";
import { OptionError } from "../errors.ts";
import { WORD_BITS } from "../model/narrow.ts";
import { type EngineParameters, smallestParameters } from "../rtl/parameters.ts";
import { DEFAULT_SHAPE, widestStream } from "../rtl/pipeline/parameters.ts";
import { pipelineProgram } from "../rtl/pipeline/program.ts";
import { type EngineProgram, networkProgram } from "../rtl/program.ts";
import { MODULE_NAMES } from "../synth/catalogue.ts";
import { FAMILIES, type FamilyName, familyOf, RESOURCE_NAMES, type Resources } from "../synth/family.ts";
import { checkBlocks } from "../synth/guards.ts";
import { type PartName, place } from "../synth/place.ts";
import { type ModelResources, resources } from "../synth/resources.ts";
import { sampleProgram } from "../synth/sample.ts";
import { type EngineSubject, engineSubject, moduleSubject, pipelineSubject, type Subject } from "../synth/subject.ts";
import { synthesise } from "../synth/synthesise.ts";
import { netlistVerilog } from "../synth/verilog.ts";
import { loadModel, makeFolder, writeWhole } from "./files.ts";
import { parseCount } from "./numbers.ts";
import { formatTable } from "./table.ts";

interface SynthOptions {
  readonly target: string;
  readonly top: "circulant_engine" | "circulant_pipeline";
  readonly module?: string;
  readonly parameters?: readonly string[];
  readonly modules?: boolean;
  readonly check: boolean;
  readonly model?: boolean;
  readonly withModel?: boolean;
  readonly place?: PartName;
  readonly seeds: number;
  readonly out?: string;
  readonly json?: boolean;
}

/** Adds `circulant synth`. */
export function addSynth(program: Command): void {
  program
    .command("synth")
    .description("synthesise an engine or a module with Yosys, and simulate the netlist against its Verilog")
    .argument("[model]", "model file to put in the engine")
    .option("--target <names>", `families, separated by commas: ${Object.keys(FAMILIES).join(", ")}`, "xc7")
    .addOption(
      new Option("--top <name>", "engine")
        .choices(["circulant_engine", "circulant_pipeline"])
        .default("circulant_engine"),
    )
    .addOption(new Option("--module <name>", "one module in place of an engine").choices(MODULE_NAMES))
    .option("--parameters <name=value...>", "parameters in place of the least that hold the model")
    .option("--modules", "count module by module, too")
    .option("--no-check", "do not simulate the netlist; its counts are marked unchecked")
    .option("--model", "the figures of the resource model at once, nothing synthesised")
    .option("--with-model", "the figures of the resource model beside those of synthesis")
    .addOption(new Option("--place <part>", "place and route for a real frequency").choices(["up5k", "hx8k"]))
    .option("--seeds <n>", "placements, of which the median is told", parseCount, 5)
    .option("--out <dir>", "folder for the netlists as Verilog and the counts as JSON")
    .option("--json", "print the counts as JSON")
    .action(runSynth);
}

async function runSynth(model: string | undefined, options: SynthOptions): Promise<void> {
  const families = options.target.split(",").map(familyOf);
  const { design, check, parameters } = subjectOf(model, options);
  const models = new Map<FamilyName, ModelResources>();
  if (options.model || options.withModel) {
    if (parameters === undefined) {
      throw new OptionError("model: expected an engine, got a module, which the resource model does not tell", {
        option: "model",
      });
    }
    for (const { name } of families) models.set(name, resources(parameters, name));
  }
  if (options.model) {
    printModel(design.top, models, options);
    return;
  }
  const onProgress = (message: string) => void process.stderr.write(`${message}\n`);
  const results = [];
  for (const family of families) {
    for (const hierarchical of options.modules ? [false, true] : [false]) {
      const synthesis = await synthesise(design, family, { hierarchical, onProgress });
      checkBlocks(synthesis);
      if (options.check) onProgress(`${family.name}: the netlist is simulated`);
      const checked = options.check ? await check(synthesis) : undefined;
      results.push({ synthesis, hierarchical, checked });
    }
  }
  const placement =
    options.place === undefined
      ? undefined
      : await place(design, results[0].synthesis.ports, options.place, { seeds: options.seeds, onProgress });

  const report = {
    top: design.top,
    parameters: design.parameters,
    families: results.map(({ synthesis, hierarchical, checked }) => ({
      family: synthesis.family.name,
      tool: synthesis.tool,
      modulesApart: hierarchical,
      checked: checked ?? null,
      multiplications: synthesis.multiplications,
      resources: synthesis.resources,
      ...(models.has(synthesis.family.name) ? { model: models.get(synthesis.family.name) } : {}),
      cells: synthesis.cells,
      ...(hierarchical ? { modules: synthesis.modules } : {}),
    })),
    ...(placement ? { placement } : {}),
  };
  if (options.out !== undefined) {
    makeFolder(options.out);
    writeWhole(join(options.out, `${design.top}.json`), `${JSON.stringify(report, null, 1)}\n`);
    for (const { synthesis, hierarchical } of results) {
      if (!hierarchical) {
        const file = `${design.top}_${synthesis.family.name}.v`;
        writeWhole(join(options.out, file), netlistVerilog(synthesis.netlist));
      }
    }
  }
  if (options.json) {
    console.log(JSON.stringify(report));
    return;
  }
  for (const { synthesis, hierarchical, checked } of results) {
    const { family, tool } = synthesis;
    console.log(`${design.top}, ${family.title}, ${tool}: ${checked ?? "not simulated, counts unchecked"}`);
    const model = models.get(family.name);
    const rows = hierarchical
      ? synthesis.modules.map(({ name, instances, resources }) => [plain(name), instances, ...figures(resources)])
      : [
          [design.top, 1, ...figures(synthesis.resources)],
          ...(model === undefined ? [] : [["model", 1, ...figures(model)]]),
        ];
    console.log(formatTable(["module", "times", ...RESOURCE_NAMES], rows));
    if (!hierarchical)
      console.log(
        Object.entries(synthesis.cells)
          .filter(([type]) => !type.startsWith("$"))
          .map(([type, count]) => `${type} ${count}`)
          .join(", "),
      );
  }
  if (placement) {
    const { part, tool, frequency, frequencies } = placement;
    console.log(
      `${part}, ${tool}: ${frequency.toFixed(1)} MHz, median of ${frequencies.map((it) => it.toFixed(1)).join(", ")}`,
    );
  }
}

function figures(told: Partial<Resources>): (number | string)[] {
  return RESOURCE_NAMES.map((name) => {
    const figure = told[name];
    return figure === undefined ? "not told" : Number(figure.toFixed(1));
  });
}

function printModel(top: string, models: ReadonlyMap<FamilyName, ModelResources>, { json }: SynthOptions): void {
  if (json) {
    console.log(JSON.stringify({ top, model: Object.fromEntries(models) }));
    return;
  }
  const rows = [...models].map(([name, it]) => [FAMILIES[name].title, "model", ...figures(it)]);
  console.log(formatTable([top, "from", ...RESOURCE_NAMES], rows));
}

/** The name of a module without the parameters that Yosys puts before it. */
function plain(name: string): string {
  return name.replace(/^\$paramod[^\\]*\\/, "").replace(/\\.*/, "");
}

function subjectOf(model: string | undefined, options: SynthOptions): Subject & Partial<EngineSubject> {
  const overrides = parseParameters(options.parameters ?? []);
  if (options.module !== undefined) {
    if (model !== undefined)
      throw new OptionError("module: expected a module or a model, got both", { option: "module" });
    return moduleSubject(options.module, overrides);
  }
  const network = model === undefined ? undefined : networkProgram(loadModel(model).model);
  return options.top === "circulant_engine" ? engineOf(network, overrides) : pipelineOf(network, overrides);
}

/** An engine that any part has room for. */
const SMALL_ENGINE: EngineParameters = {
  LOG2_K_MAX: 6,
  LANES: 2,
  ACTIVATION_WIDTH: 10,
  SPECTRUM_WIDTH: 8,
  WEIGHT_WIDTH: 8,
  WEIGHT_BITS: WORD_BITS,
  BIAS_WIDTH: 8,
  TABLE_WIDTH: 1,
  LAYER_WIDTH: 4,
};

function engineOf(network: EngineProgram | undefined, overrides: Readonly<Record<string, number>>): EngineSubject {
  const least =
    network === undefined ? SMALL_ENGINE : smallestParameters(network, overrides.LANES ?? 4, overrides.WEIGHT_BITS);
  const parameters = override(least, overrides);
  return engineSubject(network ?? sampleProgram(parameters), parameters);
}

function pipelineOf(network: EngineProgram | undefined, overrides: Readonly<Record<string, number>>): EngineSubject {
  const { LOG2_PATHS, BLOCKS, WEIGHT_BITS = SMALL_ENGINE.WEIGHT_BITS } = { ...DEFAULT_SHAPE, ...overrides };
  const LOG2_STREAM = overrides.LOG2_STREAM ?? widestStream(LOG2_PATHS);
  const program = network ?? sampleProgram({ ...SMALL_ENGINE, WEIGHT_BITS });
  const shape = { LOG2_PATHS, BLOCKS, LOG2_STREAM, WEIGHT_BITS: overrides.WEIGHT_BITS };
  const { parameters } = pipelineProgram(program, { shape });
  return pipelineSubject(override(parameters, overrides), program);
}

function override<T extends object>(least: T, overrides: Readonly<Record<string, number>>): T {
  for (const name of Object.keys(overrides)) {
    if (!Object.hasOwn(least, name)) {
      throw new OptionError(`parameters: expected ${Object.keys(least).join(", ")}, got "${name}"`, {
        option: "parameters",
      });
    }
  }
  return { ...least, ...overrides };
}

function parseParameters(texts: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    texts.map((text) => {
      const [, name, value] = /^(\w+)=(-?\d+)$/.exec(text) ?? [];
      if (name === undefined) {
        throw new OptionError(`parameters: expected NAME=VALUE with a whole number, got "${text}"`, {
          option: "parameters",
        });
      }
      return [name, Number(value)];
    }),
  );
}
