import { afterAll, describe, expect, it } from "vitest";
import { engineFigures } from "../../src/design/engines.ts";
import { OptionError } from "../../src/errors.ts";
import { openEngine } from "../../src/rtl/engine.ts";
import { formatImage, memoryImages, parseImage } from "../../src/rtl/images.ts";
import { parametersFor, smallestParameters } from "../../src/rtl/parameters.ts";
import { pipelineCycles } from "../../src/rtl/pipeline/cycles.ts";
import { openPipeline } from "../../src/rtl/pipeline/engine.ts";
import { pipelineProgram } from "../../src/rtl/pipeline/program.ts";
import { pipelineSources } from "../../src/rtl/pipeline/sources.ts";
import type { SimulatorName } from "../../src/rtl/simulate/design.ts";
import { engineSources, type VerilogSource } from "../../src/rtl/sources.ts";
import { weightBitsOf } from "../../src/rtl/weight-bits.ts";
import { type NarrowNetwork, narrowNetwork } from "./narrow.ts";
import { firstNetworkDifference } from "./pipeline/compare.ts";
import { firstTraceDifference, referenceTrace } from "./reference.ts";
import { missingSimulator } from "./tools.ts";

const LANES = 3;
const SHAPE = { LOG2_PATHS: 1, BLOCKS: 3, LOG2_STREAM: 1 } as const;
/** In words of fewer bits than 16 one thing wrong: what stands there once, what stands there instead. */
const FAULTS = [
  ["zeros in place of the sign", "{words_i[BITS*word+BITS-1]}", "{BITS == 16 && words_i[BITS*word+BITS-1]}"],
  ["the lowest bit", "words_i[BITS*word+:BITS-1]}", "words_i[BITS*word+1+:BITS-2], words_i[BITS*word] ^ (BITS != 16)}"],
] as const;

const open: { dispose(): void }[] = [];
afterAll(() => {
  for (const engine of open) engine.dispose();
});

interface Choice {
  readonly simulator?: SimulatorName;
  readonly weightBits?: number;
  readonly spoil?: (sources: readonly VerilogSource[]) => readonly VerilogSource[];
}

/** The small engine: its parameters, the first word that is not the reference's, and its cycles. */
async function small({ program, x }: NarrowNetwork, { simulator, weightBits, spoil }: Choice = {}) {
  const parameters = smallestParameters(program, LANES, weightBits);
  const sources = spoil?.(engineSources());
  const engine = await openEngine(program, { parameters, simulator, sources });
  open.push(engine);
  const { trace, cycles } = await engine.run(x, { trace: true });
  return { parameters, difference: firstTraceDifference(trace ?? [], referenceTrace(program, x)), cycles };
}

/** The same of the streaming engine. */
async function streaming({ program, x }: NarrowNetwork, { simulator, weightBits, spoil }: Choice = {}) {
  const shape = { ...SHAPE, WEIGHT_BITS: weightBits };
  const sources = spoil?.(pipelineSources());
  const engine = await openPipeline(program, { shape, simulator, sources, trace: true });
  open.push(engine);
  const { trace, cycles } = await engine.run(x, { trace: true });
  const { parameters } = engine.program;
  expect(cycles).toBe(pipelineCycles(engine.program, 1).total);
  return { parameters, difference: firstNetworkDifference(program, x, trace ?? []), cycles };
}

describe.each([
  ["small", small],
  ["streaming", streaming],
] as const)("the %s engine", (_, run) => {
  it.each([8, 11, 15, 16])("with weights of %i bits makes the reference's words in the cycles of 16", async (bits) => {
    const network = narrowNetwork(bits);
    const { parameters, difference, cycles } = await run(network);
    expect(parameters.WEIGHT_BITS).toBe(bits);
    expect(difference).toBeUndefined();
    const wide = await run(network, { weightBits: 16 });
    expect(wide.parameters).toEqual({ ...parameters, WEIGHT_BITS: 16 });
    expect(wide.difference).toBeUndefined();
    expect(cycles).toBe(wide.cycles);
  });

  it.each(FAULTS)("is found wrong with %s", async (_fault, from, to) => {
    const spoil = (sources: readonly VerilogSource[]) =>
      sources.map((source) => {
        if (source.name !== "widen.v") return source;
        expect(source.text.split(from)).toHaveLength(2);
        return { ...source, text: source.text.replace(from, to) };
      });
    expect((await run(narrowNetwork(11), { spoil })).difference).toBeDefined();
  });

  it.each(["icarus", "verilator"] as const)("with weights of 11 bits makes the same words on %s", async (simulator) => {
    const missing = missingSimulator(simulator);
    if (missing) return console.log(missing);
    expect((await run(narrowNetwork(11), { simulator })).difference).toBeUndefined();
  });
});

describe("bits of a weight", () => {
  const narrow = narrowNetwork(11);
  const { operations } = narrow.model;
  const steps = (changed: readonly object[]) =>
    narrow.program.steps.map((step, i) => ({ ...step, operation: { ...step.operation, ...changed[i] } }));
  const some = {
    ...narrow.program,
    steps: steps(operations.map((_, i) => (i === 0 ? { weightBits: undefined } : {}))),
  };

  it("are those of the widest operation, 16 unless every operation with weights says fewer", () => {
    expect(weightBitsOf(narrow.program)).toBe(11);
    expect(weightBitsOf(some)).toBe(16);
    const wider = { ...narrow.program, steps: steps(operations.map((_, i) => (i === 0 ? { weightBits: 13 } : {}))) };
    expect(weightBitsOf(wider)).toBe(13);
  });

  it("are what is asked for, if every weight has no more", () => {
    expect(smallestParameters(some, LANES).WEIGHT_BITS).toBe(16);
    expect(smallestParameters(some, LANES, 11).WEIGHT_BITS).toBe(11);
    expect(pipelineProgram(some, { shape: SHAPE }).parameters.WEIGHT_BITS).toBe(16);
    expect(pipelineProgram(some, { shape: { ...SHAPE, WEIGHT_BITS: 11 } }).parameters.WEIGHT_BITS).toBe(11);
  });

  it("that do not hold a weight are refused, with its place and what would hold it", () => {
    const asks = [
      () => smallestParameters(narrow.program, LANES, 9),
      () => parametersFor(narrow.program, { ...smallestParameters(narrow.program, LANES), WEIGHT_BITS: 9 }),
      () => memoryImages(narrow.program, { ...smallestParameters(narrow.program, LANES), WEIGHT_BITS: 9 }),
      () => pipelineProgram(narrow.program, { shape: { ...SHAPE, WEIGHT_BITS: 9 } }),
    ];
    const [{ weights }] = operations.flatMap((it) => ("weights" in it ? [it] : []));
    const word = weights.findIndex((weight) => weight > 255 || weight < -256);
    for (const ask of asks) {
      expect(ask).toThrow(OptionError);
      expect(ask).toThrow(`weights of at most 9 bits, got ${weights[word]} as word ${word} of ${operations[0].name}`);
      expect(ask).toThrow("build the engine with WEIGHT_BITS 11");
    }
    expect(() => smallestParameters(narrow.program, LANES, 7)).toThrow("expected 8 to 16, got 7");
  });

  it("that an open engine has are enough for a network that states none, and too few for a wide one", async () => {
    const engine = await openEngine(narrow.program, { parameters: smallestParameters(narrow.program, LANES) });
    open.push(engine);
    engine.load(some);
    const { trace } = await engine.run(narrow.x, { trace: true });
    expect(firstTraceDifference(trace ?? [], referenceTrace(some, narrow.x))).toBeUndefined();
    expect(() => engine.load(narrowNetwork(13).program)).toThrow(OptionError);
  });

  it.each([8, 9, 15])("of %i read back from the image of the weights", (bits) => {
    const { program } = narrowNetwork(bits);
    const parameters = smallestParameters(program, LANES);
    const image = memoryImages(program, parameters).find(({ file }) => file === "weights.hex");
    if (image === undefined) throw new Error("expected an image of weights");
    expect(image.width).toBe(2 * LANES * bits);
    expect(parseImage(formatImage(image), image, image.file)).toEqual(image.limbs);
  });

  it.each([{ lanes: 4 }, { paths: 4, blocks: 4 }])("make the memories of an engine of %o smaller", (engine) => {
    const [fewer, wide] = [8, 16].map((bits) => engineFigures(narrowNetwork(bits).model, engine));
    const { WEIGHT_WIDTH } =
      "lanes" in engine
        ? smallestParameters(narrow.program, 4)
        : pipelineProgram(narrow.program, { shape: { LOG2_PATHS: 2, BLOCKS: 4, LOG2_STREAM: 3 } }).parameters;
    const lanes = "lanes" in engine ? 4 : 16;
    expect(wide.memoryBits - fewer.memoryBits).toBe(2 * 8 * lanes * 2 ** WEIGHT_WIDTH);
    const { parameters } = wide;
    expect({ ...fewer.parameters, WEIGHT_BITS: 16 }).toEqual(parameters);
    expect({ ...fewer, memoryBits: 0, parameters }).toEqual({ ...wide, memoryBits: 0 });
  });
});
