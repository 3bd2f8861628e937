import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { plantFault } from "../../src/conform/plant.ts";
import { readModel } from "../../src/model/read.ts";
import { engineDesign } from "../../src/rtl/engine.ts";
import { memoryImages } from "../../src/rtl/images.ts";
import { DEFAULT_PARAMETERS } from "../../src/rtl/parameters.ts";
import { networkProgram } from "../../src/rtl/program.ts";
import { cachedSimulation } from "../../src/rtl/simulate/build.ts";
import { engineSources } from "../../src/rtl/sources.ts";
import { compareTraces, openDatapath } from "../../src/rtl/web.ts";
import { Session } from "../../src/runtime/session.ts";
import { CACHE, fixture } from "./simulate/simulators.ts";

const FILE = readFileSync(new URL("../../models/mnist-mlp.safetensors", import.meta.url));
const MODEL = readModel(FILE);
const PIXELS = Uint8Array.from({ length: 784 }, (_, i) => (i * 37) % 256);

async function datapath(sources = engineSources()) {
  return openDatapath(Uint8Array.from(await cachedSimulation(engineDesign(DEFAULT_PARAMETERS, sources), CACHE)), MODEL);
}

function kernels(input: Uint8Array) {
  using session = Session.fromModel(MODEL);
  return session.trace({ input });
}

describe("a datapath from a compiled simulation alone", { timeout: 600_000 }, () => {
  it("makes the words of the kernels, from pixels and from words", async () => {
    const opened = await datapath();
    const { outputs, cycles, trace } = await opened.run(PIXELS);
    expect(opened.parameters).toEqual(DEFAULT_PARAMETERS);
    expect(outputs).toEqual(trace.at(-1)?.outputs);
    expect(cycles).toBeGreaterThan(10_000);
    const comparison = compareTraces(kernels(PIXELS), trace);
    expect(comparison).toEqual({ words: 11_914, differing: 0 });
    const { mean, deviation, fractionBits } = MODEL.input;
    const words = Int16Array.from(PIXELS, (v) => Math.floor(((v / 255 - mean) / deviation) * 2 ** fractionBits + 0.5));
    expect((await opened.run(words)).outputs).toEqual(outputs);
    opened.dispose();
  });

  it("with a planted fault differs, and the first word that does is named", async () => {
    const program = networkProgram(MODEL);
    const planted = plantFault("rounding", memoryImages(program, DEFAULT_PARAMETERS), engineSources());
    const { trace } = await (await datapath([...planted.sources])).run(PIXELS);
    const expected = kernels(PIXELS);
    const { first, differing } = compareTraces(expected, trace);
    expect(differing).toBeGreaterThan(0);
    if (first === undefined) throw new Error("expected a first difference");
    const { operation, tensor, index } = first;
    expect(first.expected).not.toBe(first.actual);
    expect([first.expected, first.actual]).toEqual([expected, trace].map((it) => it[operation][tensor]?.[index]));
    const before = expected[operation][tensor]?.subarray(0, index);
    expect(trace[operation][tensor]?.subarray(0, index)).toEqual(before);
  });

  it("refuses an input of another size, another module and another simulation", async () => {
    const opened = await datapath();
    await expect(opened.run(new Uint8Array(783))).rejects.toThrow("input: expected 784 numbers, got 783");
    const empty = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
    await expect(openDatapath(empty, MODEL)).rejects.toThrow("expected a compiled simulation of format 1");
    const fifo = fixture("fifo_bench", { memories: [{ path: "words", width: 16, depth: 256 }] });
    const other = Uint8Array.from(await cachedSimulation(fifo, CACHE));
    await expect(openDatapath(other, MODEL)).rejects.toThrow("expected one of the engine, got one of fifo_bench");
  });
});
