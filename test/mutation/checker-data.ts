import { readFileSync } from "node:fs";
import { parseVectors, type Vector } from "../../src/conform/vectors.ts";
import type { Model } from "../../src/model/model.ts";
import { volume } from "../../src/model/shape.ts";
import { smallestParameters } from "../../src/rtl/parameters.ts";
import { type EngineProgram, networkProgram, singleProgram, type Transform } from "../../src/rtl/program.ts";
import type { Design, Simulation, TraceTable } from "../../src/rtl/simulate/design.ts";
import { engineDesign, simulatedEngine } from "../../src/rtl/simulated-engine.ts";
import { engineSources } from "../../src/rtl/sources.ts";
import { createRandom, randomWords } from "../contract/random.ts";
import { exampleModel } from "../model/random-model.ts";

/** What the comparison is tried on: a network of every operation, the rows that the simulated engine shows, vectors. */
export interface CheckerData {
  readonly model: Model;
  readonly x: Int16Array;
  readonly tables: Readonly<Record<string, TraceTable>>;
  /** Bare transforms and the rows that the engine shows of them. */
  readonly transforms: readonly {
    readonly operation: Transform;
    readonly x: Int16Array;
    readonly tables: Readonly<Record<string, TraceTable>>;
  }[];
  readonly vectors: readonly Vector[];
}

const SEED = 20261125;
const FOLDER = new URL("../../test/vectors/", import.meta.url);

/** Runs the engine once. */
export async function checkerData(open: (design: Design) => Promise<Simulation>): Promise<CheckerData> {
  const model = exampleModel(SEED);
  const x = randomWords(volume(model.input.shape), "uniform", createRandom(SEED));
  const program = networkProgram(model);
  const parameters = smallestParameters(program, 3);
  const simulation = await open(engineDesign(parameters, engineSources()));
  const rowsOf = async (program: EngineProgram, words: Int16Array) => {
    let tables: CheckerData["tables"] = {};
    const spy: Simulation = {
      ...simulation,
      async run(request) {
        const result = await simulation.run(request);
        tables = result.trace;
        return result;
      },
    };
    const engine = simulatedEngine(spy, parameters);
    engine.load(program);
    await engine.run(words, { trace: true });
    return tables;
  };
  const tables = await rowsOf(program, x);
  const transforms: CheckerData["transforms"][number][] = [];
  for (const op of ["rfft", "irfft"] as const) {
    for (const k of [1, 2, 8]) {
      const operation = { op, k, blocks: 3, schedule: k >> 1 };
      const words = randomWords(3 * k, "uniform", createRandom(SEED + k));
      transforms.push({ operation, x: words, tables: await rowsOf(singleProgram(operation), words) });
    }
  }
  simulation.dispose();
  const vectors = ["transform", "dense", "conv2d"].flatMap((name) =>
    parseVectors(readFileSync(new URL(`${name}.jsonl`, FOLDER), "utf8"), name).slice(0, 3),
  );
  return { model, x, tables, transforms, vectors };
}
