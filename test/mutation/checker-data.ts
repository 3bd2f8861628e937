import { readFileSync } from "node:fs";
import { parseVectors, type Vector } from "../../src/conform/vectors.ts";
import type { Model } from "../../src/model/model.ts";
import { volume } from "../../src/model/shape.ts";
import { smallestParameters } from "../../src/rtl/parameters.ts";
import { type EngineProgram, networkProgram, singleProgram, type Transform } from "../../src/rtl/program.ts";
import type { Design, Simulation, TraceTable } from "../../src/rtl/simulate/design.ts";
import { engineDesign, simulatedEngine } from "../../src/rtl/simulated-engine.ts";
import { engineSources } from "../../src/rtl/sources.ts";
import { createRandom, randomConv2d, randomDense, randomWords } from "../contract/random.ts";
import { exampleModel, modelBuilder } from "../model/random-model.ts";

/** A network, a vector, and the rows that the simulated engine shows of it. */
export interface CheckedNetwork {
  readonly model: Model;
  readonly x: Int16Array;
  readonly tables: Readonly<Record<string, TraceTable>>;
}

/** What the comparison is tried on. */
export interface CheckerData {
  /** One of every operation; one of blocks of two words, whose last block is not full. */
  readonly networks: readonly [CheckedNetwork, CheckedNetwork];
  /** Bare transforms and the rows that the engine shows of them. */
  readonly transforms: readonly {
    readonly operation: Transform;
    readonly x: Int16Array;
    readonly tables: CheckedNetwork["tables"];
  }[];
  readonly vectors: readonly Vector[];
}

const SEED = 20261125;
const FOLDER = new URL("../../test/vectors/", import.meta.url);

/** Runs both engines. */
export async function checkerData(open: (design: Design) => Promise<Simulation>): Promise<CheckerData> {
  const [every, narrow] = [exampleModel(SEED), narrowModel()];
  const first = await traced(every, open);
  const second = await traced(narrow, open);
  const transforms: CheckerData["transforms"][number][] = [];
  for (const op of ["rfft", "irfft"] as const) {
    for (const k of [1, 2, 8]) {
      const operation = { op, k, blocks: 3, schedule: k >> 1 };
      const words = randomWords(3 * k, "uniform", createRandom(SEED + k));
      transforms.push({ operation, x: words, tables: await first.rowsOf(singleProgram(operation), words) });
    }
  }
  for (const { dispose } of [first, second]) dispose();
  const vectors = ["transform", "dense", "conv2d"].flatMap((name) =>
    parseVectors(readFileSync(new URL(`${name}.jsonl`, FOLDER), "utf8"), name).slice(0, 3),
  );
  return { networks: [first.network, second.network], transforms, vectors };
}

function narrowModel(): Model {
  const random = createRandom(SEED + 1);
  const builder = modelBuilder({ shape: [3, 3, 3], fractionBits: 8, mean: 0, deviation: 1 });
  const window = { height: 3, width: 3, kernel: [2, 2], stride: 1, pad: 1 } as const;
  builder.push("wide", { op: "conv2d", ...randomConv2d({ in: 3, out: 5, k: 4 }, window, "small", random) }, [0]);
  builder.push("flat", { op: "flatten", words: 80 }, [1]);
  builder.push("narrow", { op: "dense", ...randomDense({ in: 80, out: 7, k: 2 }, "small", random), shift: 4 }, [2]);
  return builder.build();
}

async function traced(model: Model, open: (design: Design) => Promise<Simulation>) {
  const program = networkProgram(model);
  const parameters = smallestParameters(program, 3);
  const simulation = await open(engineDesign(parameters, engineSources()));
  const rowsOf = async (program: EngineProgram, words: Int16Array) => {
    let tables: CheckedNetwork["tables"] = {};
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
  const x = randomWords(volume(model.input.shape), "uniform", createRandom(SEED));
  const network: CheckedNetwork = { model, x, tables: await rowsOf(program, x) };
  return { network, rowsOf, dispose: () => simulation.dispose() };
}
