import { readFileSync } from "node:fs";
import { parseVectors, type Vector } from "../../src/conform/vectors.ts";
import type { Model } from "../../src/model/model.ts";
import { volume } from "../../src/model/shape.ts";
import { smallestParameters } from "../../src/rtl/parameters.ts";
import { networkProgram } from "../../src/rtl/program.ts";
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
  let tables: Readonly<Record<string, TraceTable>> = {};
  const engine = simulatedEngine(
    {
      ...simulation,
      async run(request) {
        const result = await simulation.run(request);
        tables = result.trace;
        return result;
      },
    },
    parameters,
  );
  engine.load(program);
  await engine.run(x, { trace: true });
  simulation.dispose();
  const vectors = ["transform", "dense", "conv2d"].flatMap((name) =>
    parseVectors(readFileSync(new URL(`${name}.jsonl`, FOLDER), "utf8"), name).slice(0, 3),
  );
  return { model, x, tables, vectors };
}
