import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addEmit } from "../../src/cli/emit.ts";
import { loadModel } from "../../src/cli/files.ts";
import { pixelInputs } from "../../src/cli/inputs.ts";
import { readImageSet } from "../../src/data/read.ts";
import { writeModel } from "../../src/model/write.ts";
import { engineDesign } from "../../src/rtl/engine.ts";
import { smallestParameters } from "../../src/rtl/parameters.ts";
import { networkProgram } from "../../src/rtl/program.ts";
import { openSimulation } from "../../src/rtl/simulate/open.ts";
import { engineSources } from "../../src/rtl/sources.ts";
import { narrowNetwork } from "./narrow.ts";
import { referenceTrace } from "./reference.ts";
import { missingSimulator } from "./tools.ts";

const path = (relative: string) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));
const MODEL = path("models/mnist-mlp.safetensors");

const root = mkdtempSync(join(tmpdir(), "circulant-emit-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const folder = join(root, "mnist-mlp");

async function emit(file: string, out: string, ...options: readonly string[]): Promise<void> {
  const program = new Command().exitOverride();
  addEmit(program);
  await program.parseAsync(["node", "circulant", "emit", file, "--out", out, "--lanes", "8", "--json", ...options]);
}
beforeAll(() => emit(MODEL, folder));

/** The bench around the engine emitted for a model, whose memories $readmemh fills: nothing but the stream is loaded. */
function emittedDesign(file: string, folder: string) {
  const overrides = readFileSync(join(folder, "parameters.vh"), "utf8");
  const sources = engineSources(folder).map((source) => ({
    ...source,
    text: source.text.replace(/circulant_engine #\([^;]*?\) u_engine/, `circulant_engine #(\n${overrides}) u_engine`),
  }));
  const images = readdirSync(folder)
    .filter((name) => name.endsWith(".hex"))
    .map((name) => ({ name, text: readFileSync(join(folder, name), "utf8") }));
  const { model } = loadModel(file);
  const network = networkProgram(model);
  const design = engineDesign(smallestParameters(network, 8), [...sources, ...images]);
  const memories = design.memories.filter(({ path: name }) => !name.startsWith("u_engine."));
  return { model, network, design: { ...design, memories, trace: [] } };
}

describe("circulant emit", () => {
  it("writes a file list of modules that are all there", () => {
    const listed = readFileSync(join(folder, "circulant_engine.f"), "utf8").trim().split("\n");
    expect(listed).toContain("circulant_engine.v");
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(listed));
  });

  it.each(["wasm", "icarus"] as const)(
    "fills the engine by $readmemh so that it answers digits, on %s",
    async (name) => {
      const missing = name === "icarus" && missingSimulator(name);
      if (missing) return console.log(missing);
      const { model, network, design } = emittedDesign(MODEL, folder);
      const set = readImageSet(path("examples/digits"), "test");
      const inputs = pixelInputs(model, set.images, 2);
      const stream = inputs.flatMap((x) => Array.from(x, (word, i) => (word & 0xffff) | (i === 783 ? 0x10000 : 0)));
      const simulation = await openSimulation(name, design);
      const { memories } = await simulation.run({
        inputs: { count_i: 2, stream_words_i: stream.length, output_words_i: 10, stall_seed_i: 0 },
        load: [{ path: "u_inputs.mem", words: Uint32Array.from(stream) }],
        read: [{ path: "u_outputs.mem", offset: 0, count: 20 }],
        maxCycles: 100_000,
      });
      simulation.dispose();
      const expected = inputs.flatMap((x) => [...(referenceTrace(network, x).at(-1)?.outputs ?? [])]);
      expect([...Int16Array.from(memories[0])]).toEqual(expected);
    },
  );

  it("writes narrow words of a model with narrow weights, which the engine makes the reference's words of", async () => {
    const { model, x } = narrowNetwork(9);
    const [file, out] = [join(root, "narrow.safetensors"), join(root, "narrow")];
    writeFileSync(file, writeModel(model));
    await emit(file, out);
    expect(readFileSync(join(out, "parameters.vh"), "utf8")).toContain(".WEIGHT_BITS(9)");
    // 8 lanes of two weights of 9 bits.
    expect(readFileSync(join(out, "weights.hex"), "utf8").split("\n")[0]).toHaveLength((16 * 9) / 4);

    const { network, design } = emittedDesign(file, out);
    const simulation = await openSimulation("wasm", design);
    const words = network.output.words;
    const stream = Uint32Array.from(x, (word, i) => (word & 0xffff) | (i === x.length - 1 ? 0x10000 : 0));
    const { memories } = await simulation.run({
      inputs: { count_i: 1, stream_words_i: stream.length, output_words_i: words, stall_seed_i: 0 },
      load: [{ path: "u_inputs.mem", words: stream }],
      read: [{ path: "u_outputs.mem", offset: 0, count: words }],
      maxCycles: 1_000_000,
    });
    simulation.dispose();
    expect(Int16Array.from(memories[0])).toEqual(referenceTrace(network, x).at(-1)?.outputs);
  });

  it("writes words of as many bits as are asked for, and refuses fewer than a weight needs", async () => {
    const out = join(root, "asked");
    await emit(join(root, "narrow.safetensors"), out, "--weight-bits", "12");
    expect(readFileSync(join(out, "parameters.vh"), "utf8")).toContain(".WEIGHT_BITS(12)");
    await expect(emit(MODEL, out, "--weight-bits", "8")).rejects.toThrow(
      "WEIGHT_BITS: expected weights of at most 8 bits",
    );
  });
});
