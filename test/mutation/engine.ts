import { irfft, rfft } from "../../src/fft/transform.ts";
import { sine } from "../../src/fft/twiddles.ts";
import type { Operation } from "../../src/layers/operation.ts";
import { engineDesign } from "../../src/rtl/engine.ts";
import { type EngineParameters, parametersFor } from "../../src/rtl/parameters.ts";
import { type EngineProgram, singleProgram } from "../../src/rtl/program.ts";
import type { Simulation, TraceTable } from "../../src/rtl/simulate/design.ts";
import { simulatedEngine } from "../../src/rtl/simulated-engine.ts";
import { engineSources, type VerilogSource } from "../../src/rtl/sources.ts";
import { createRandom, randomDense, randomWords } from "../contract/random.ts";
import { randomCases, randomLayers, randomNetwork } from "../rtl/networks.ts";
import { firstTraceDifference, referenceTrace } from "../rtl/reference.ts";
import { smallNetworks } from "./networks.ts";
import { resetAt } from "./resets.ts";
import { readJson, type Target } from "./target.ts";

const SEED = 20261125;

/** A small engine: each line of each module has an effect in it, and a mutant is made in a fifth of a second. */
export const ENGINE_PARAMETERS: EngineParameters = {
  LOG2_K_MAX: 6,
  LANES: 2,
  ACTIVATION_WIDTH: 10,
  SPECTRUM_WIDTH: 9,
  WEIGHT_WIDTH: 9,
  WEIGHT_BITS: 16,
  BIAS_WIDTH: 7,
  TABLE_WIDTH: 1,
  LAYER_WIDTH: 4,
};

/** Takes a number of cycles under its name; tells what is wrong with it. */
export type Clock = (name: string, count: number) => string | undefined;

/** Clock cycles are a part of the contract: they are those of the right engine, kept in cycles.json. */
export function recordedClock(): Clock {
  const cycles = readJson<Readonly<Record<string, number>>>(CYCLES);
  return (name, count) => (cycles[name] === count ? undefined : `${name}: ${cycles[name]} cycles, got ${count}`);
}

export const CYCLES: URL = new URL("../../test/mutation/cycles.json", import.meta.url);

interface Case {
  readonly program: EngineProgram;
  readonly x: Int16Array;
  readonly stallSeed: number;
}

/** The engine and its short contract: every tensor of small networks, bare transforms, streams, cycles. */
export function engineTarget(
  sources: readonly VerilogSource[] = engineSources(),
  clock: Clock = recordedClock(),
): Target {
  const traced = [...handmade(), ...drawn()];
  return {
    name: "engine",
    design: engineDesign(ENGINE_PARAMETERS, sources),
    unit: "u_engine",
    isMutated: ({ file }) => !file.includes("bench"),
    checks: [
      ...traced.map((it, i) => checkTrace(it, `traced ${i}`, clock)),
      begunAnew(),
      ...bareTransforms(clock),
      ...streams(clock),
      ...traced.slice(0, 4).flatMap((it, i) => RESETS.map((cycle) => checkTrace(it, `traced ${i}`, clock, cycle))),
    ],
  };
}

function handmade(): Case[] {
  const random = createRandom(SEED);
  return smallNetworks(random).flatMap((program) =>
    [0, 77].map((stallSeed) => ({ program, stallSeed, x: randomWords(program.input.words, "mixed", random) })),
  );
}

function drawn(): Case[] {
  const fits = ({ program }: { program: EngineProgram }) =>
    JSON.stringify(parametersFor(program, ENGINE_PARAMETERS)) === JSON.stringify(ENGINE_PARAMETERS);
  const graphs = randomCases(120, SEED, randomNetwork).filter(fits).slice(0, 24);
  const layers = randomCases(60, SEED + 1, randomLayers)
    .filter(fits)
    .slice(0, 8);
  return [...graphs, ...layers].map((it, i) => ({ ...it, stallSeed: i % 3 === 0 ? 5 + i : 0 }));
}

/** Cycles in which a reset comes in the middle of a run, which then begins anew. */
const RESETS: readonly number[] = Array.from({ length: 60 }, (_, i) => 5 + 43 * i);

function checkTrace({ program, x, stallSeed }: Case, name: string, clock: Clock, reset?: number) {
  const expected = referenceTrace(program, x);
  const outputs = String(expected.at(-1)?.outputs);
  return async (simulation: Simulation) => {
    let rows = 0;
    const counting: Simulation = {
      ...simulation,
      async run(request) {
        const result = await simulation.run(request);
        rows = Object.values(result.trace).reduce((sum, table) => sum + rowsOf(table), 0);
        return result;
      },
    };
    const engine = simulatedEngine(resetAt(counting, reset), ENGINE_PARAMETERS);
    engine.load(program);
    const result = await engine.run(x, { trace: true, stallSeed });
    const difference = firstTraceDifference(result.trace ?? [], expected);
    if (difference) return `${difference.tensor} of step ${difference.step}`;
    if (String(result.outputs) !== outputs) return "outputs";
    const wrong = clock(name, result.cycles);
    // The rows of what was before a reset are there too.
    return wrong ?? (reset === undefined ? clock(`${name} rows`, rows) : undefined);
  };
}

/** Words that the units write: a word that is written twice, or without need, is counted. */
function rowsOf({ cycles, ports }: TraceTable): number {
  const writes = Object.entries(ports).filter(([port]) => port.includes("_write_"));
  return writes.reduce(
    (sum, [, column]) => sum + Array.from(column, Number).filter((it) => it === 1).length,
    cycles.length,
  );
}

/** A reset in any cycle of the run of a layer whose products are fewer than the lanes: it begins anew, and takes as long. */
function begunAnew(): Target["checks"][number] {
  const random = createRandom(SEED + 3);
  const operation: Operation = { op: "dense", ...randomDense({ in: 8, out: 30, k: 8 }, "mixed", random), shift: 12 };
  const program = singleProgram(operation);
  const x = randomWords(16, "mixed", random);
  const outputs = String(
    [x.slice(0, 8), x.slice(8)].flatMap((it) => [...(referenceTrace(program, it)[0].outputs ?? [])]),
  );
  return async (simulation: Simulation) => {
    const run = (reset?: number) => {
      const engine = simulatedEngine(resetAt(simulation, reset), ENGINE_PARAMETERS);
      engine.load(program);
      return engine.run(x);
    };
    const { cycles } = await run();
    for (let reset = 1; reset < cycles; reset++) {
      const result = await run(reset);
      if (String(result.outputs) !== outputs) return `outputs after a reset in cycle ${reset}`;
      if (result.cycles !== cycles) return `${cycles} cycles, ${result.cycles} after a reset in cycle ${reset}`;
    }
    return undefined;
  };
}

function bareTransforms(clock: Clock): Target["checks"] {
  const random = createRandom(SEED);
  return ([2, 8, 64] as const).flatMap((k) =>
    (["rfft", "irfft"] as const).map((op) => {
      const schedule = random(k);
      const program = singleProgram({ op, k, blocks: 3, schedule });
      const x = randomWords(3 * k, "mixed", random);
      const transform = op === "rfft" ? rfft : irfft;
      const blocks = [0, 1, 2].map((i) => transform(x.slice(i * k, i * k + k), schedule));
      const expected = String(blocks.flatMap((block) => [...block]));
      return async (simulation: Simulation) => {
        const engine = simulatedEngine(simulation, ENGINE_PARAMETERS);
        engine.load(program);
        const { outputs, cycles: count } = await engine.run(x);
        if (String(outputs) !== expected) return `${op} of ${k}`;
        return clock(`${op} ${k}`, count);
      };
    }),
  );
}

/** Vectors back to back, with pauses, with a tlast too early or missing. */
function streams(clock: Clock): Target["checks"] {
  const random = createRandom(SEED + 2);
  const operation: Operation = { op: "dense", ...randomDense({ in: 6, out: 9, k: 4 }, "small", random), shift: 6 };
  const program = singleProgram(operation);
  const inputs = randomWords(60, "uniform", random);
  const outputs = Array.from({ length: 10 }, (_, i) => {
    const trace = referenceTrace(program, inputs.slice(6 * i, 6 * i + 6));
    return [...(trace[0].outputs ?? [])];
  });
  const beats = (vectors: readonly (readonly [from: number, count: number, last: boolean])[]) =>
    Uint32Array.from(
      vectors.flatMap(([from, count, last]) =>
        Array.from(
          inputs.slice(from, from + count),
          (word, i) => (word & 0xffff) | (last && i === count - 1 ? 0x10000 : 0),
        ),
      ),
    );
  const open = (simulation: Simulation) => {
    const engine = simulatedEngine(simulation, ENGINE_PARAMETERS);
    engine.load(program);
    return engine;
  };
  const plain = [0, 3, 8].map((stallSeed) => async (simulation: Simulation) => {
    const result = await open(simulation).run(inputs, { stallSeed });
    if (String(result.outputs) !== String(outputs.flat())) return `stream with stalls ${stallSeed}`;
    return clock(`stream ${stallSeed}`, result.cycles);
  });
  const odd = (name: string, stream: Uint32Array, vectors: readonly number[], flags: readonly [boolean, boolean]) =>
    [0, 11].map((stallSeed) => async (simulation: Simulation) => {
      const result = await open(simulation).runStream(stream, vectors.length, { stallSeed });
      if (String(result.outputs) !== String(vectors.flatMap((v) => outputs[v]))) return name;
      if (result.tlastMissing !== flags[0] || result.tlastUnexpected !== flags[1]) return `${name}, flags`;
      if (result.outputTlastWrong) return `${name}, tlast of the output`;
      return clock(`${name} ${stallSeed}`, result.cycles);
    });
  // A word whose product with the sine of bin 3 and the cosine of bin 5 lies a unit below a half.
  const twiddle = sine(32, 3);
  const below = Array.from({ length: 32768 }, (_, i) => i - 16384).find((word) => ((word * twiddle) & 32767) === 16383);
  const spectrum = new Int16Array(32);
  for (const place of [3, 32 - 3, 5, 32 - 5]) spectrum[place] = below ?? 0;
  const single = singleProgram({ op: "irfft", k: 32, blocks: 1, schedule: 0 });
  const halves = async (simulation: Simulation) => {
    const engine = simulatedEngine(simulation, ENGINE_PARAMETERS);
    engine.load(single);
    const result = await engine.run(spectrum);
    return String(result.outputs) === String(irfft(spectrum, 0)) ? clock("halves", result.cycles) : "halves";
  };
  return [
    halves,
    ...plain,
    ...odd(
      "early tlast",
      beats([
        [0, 6, true],
        [12, 4, true],
        [6, 1, true],
        [18, 6, true],
        [24, 6, true],
      ]),
      [0, 3, 4],
      [false, true],
    ),
    ...odd(
      "missing tlast",
      beats([
        [0, 6, true],
        [6, 6, false],
        [12, 6, true],
      ]),
      [0, 1, 2],
      [true, false],
    ),
  ];
}
