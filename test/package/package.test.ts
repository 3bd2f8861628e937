import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createContext, runInContext } from "node:vm";
import { gzipSync } from "node:zlib";
import type relaxedModule from "circulant/kernels.relaxed.wasm";
import type plainModule from "circulant/kernels.wasm";
import { describe, expect, expectTypeOf, it } from "vitest";
import { writeModel } from "../../src/model/write.ts";
import { readKernels } from "../contract/realisations.ts";
import { identityModel } from "../runtime/models.ts";
import { bundle, ROOT } from "./bundle.ts";

const FILE = new Uint8Array(writeModel(identityModel({ shape: [1, 1, 3], fractionBits: 8, mean: 0, deviation: 1 })));
const INPUT = Int16Array.of(5, -6, 7);
const ENTRIES = ["circulant", "circulant/core"];

/** Runs one inference in a fresh realm that has what every runtime has, and no code from strings. */
function infer(text: string, wasm = true): { words: number[]; capabilities: unknown } {
  const context = createContext(
    { atob, TextEncoder, TextDecoder, FILE, INPUT, MODULE: moduleOf("release") },
    { codeGeneration: { strings: false, wasm } },
  );
  return JSON.parse(runInContext(text, context));
}

const moduleOf = (build: "release" | "relaxed") => new WebAssembly.Module(readKernels(build));

/** A program that prints the words of an inference, as the value of the script. */
const program = (entry: string, options = "{}") => `
  import * as circulant from "${entry}";
  const session = circulant.Session.createSync(FILE, ${options});
  const words = [...session.runSync({ input: INPUT }).words.data];
  globalThis.answer = JSON.stringify({ words, capabilities: circulant.capabilities?.() });
`;
const run = (text: string) => `${text};globalThis.answer`;

describe("the package", () => {
  it.each(ENTRIES)("%s is imported and required by name, the same module", async (entry) => {
    const imported: Record<string, unknown> = await import(/* @vite-ignore */ entry);
    const required = createRequire(join(ROOT, "package.json"))(entry);
    expect(Object.keys(imported)).toContain("Session");
    expect(Object.keys(required).sort()).toEqual(Object.keys(imported).sort());
  });

  it("gives its binaries as files, typed as compiled modules", () => {
    const { resolve } = createRequire(join(ROOT, "package.json"));
    for (const [name, build] of [
      ["kernels", "release"],
      ["kernels.relaxed", "relaxed"],
    ] as const) {
      expect(new Uint8Array(readFileSync(resolve(`circulant/${name}.wasm`)))).toEqual(readKernels(build));
    }
    expectTypeOf<typeof plainModule>().toEqualTypeOf<WebAssembly.Module>();
    expectTypeOf<typeof relaxedModule>().toEqualTypeOf<WebAssembly.Module>();
  });

  it.each(ENTRIES)(
    "%s awaits nothing, asks for no address of its own and makes no code when it is read",
    async (entry) => {
      // a script has no await outside of functions: the bundler refuses one
      const { inputs, text } = await bundle(`export * from "${entry}"`, [], "iife");
      for (const part of [text, ...inputs.map((input) => readFileSync(join(ROOT, input), "utf8"))]) {
        expect(part.length).toBeGreaterThan(10_000);
        expect(part).not.toMatch(/import\.meta|\beval\(|new Function/);
        expect(part).not.toMatch(/(from|import|require)\s*\(?\s*"(node:|[a-z])/);
      }
    },
  );

  it("circulant/threads is imported and required by name, and its program of a thread is found by bundlers", async () => {
    const imported: Record<string, unknown> = await import("circulant/threads");
    const required = createRequire(join(ROOT, "package.json"))("circulant/threads");
    const circulant: Record<string, unknown> = await import("circulant");
    expect(Object.keys(imported).sort()).toEqual([...Object.keys(circulant), "ThreadedSession"].sort());
    expect(Object.keys(required).sort()).toEqual(Object.keys(imported).sort());
    const { text, inputs } = await bundle('export * from "circulant/threads"', ["browser"], "esm");
    expect(inputs).toEqual(["dist/threads/index.js"]);
    const alone = await bundle('export * from "circulant"', ["browser"], "esm");
    const [bytes, bytesAlone] = [text, alone.text].map((part) => gzipSync(part, { level: 9 }).length);
    expect(bytes - bytesAlone).toBeLessThanOrEqual(4 * 1024);
    expect(text).toMatch(/new Worker\(new URL\("\.\/worker\.js",import\.meta\.url\),\{type:"module"\}\)/);
    const program = await bundle('import "circulant/threads/worker"', ["browser"], "esm");
    expect(program.text).toMatch(/\.onmessage=/);
    expect(program.inputs).toEqual(["dist/threads/worker.js"]);
    expect(program.text.length).toBeLessThan(100_000);
  });

  it("costs a page at most 40 KB, minified and compressed, kernels and all", async () => {
    const { text } = await bundle('export * from "circulant"', ["browser"], "esm");
    const { length } = gzipSync(text, { level: 9 });
    expect(length).toBeLessThanOrEqual(40 * 1024);
    expect(length).toBeGreaterThan(10 * 1024);
  });
});

describe("bundled", () => {
  it("for workerd, imports the plain binary as a compiled module", async () => {
    const { text, inputs } = await bundle(program("circulant"), ["workerd", "worker", "browser"], "iife");
    expect(inputs).toEqual(["static:dist/kernels/kernels.wasm", "dist/index.workerd.js"]);
    expect(infer(run(text)).words).toEqual([...INPUT]);
    expect(infer(run(text)).capabilities).toMatchObject({ backend: "wasm", binary: "plain" });
  });

  it("for an edge runtime, imports it with ?module", async () => {
    const { text, inputs } = await bundle(program("circulant"), ["edge-light", "worker", "browser"], "iife");
    expect(inputs).toEqual(["edge:dist/kernels/kernels.wasm", "dist/index.edge-light.js"]);
    expect(infer(run(text)).words).toEqual([...INPUT]);
  });

  it("for all others, has it inlined", async () => {
    for (const condition of ["browser", "node", "deno", "bun"]) {
      const { text, inputs } = await bundle(program("circulant"), [condition], "iife");
      expect(inputs).toEqual(["dist/index.js"]);
      expect(infer(run(text)).words).toEqual([...INPUT]);
    }
  });

  it("from circulant/core, has no kernels and takes the caller's, of another realm", async () => {
    const { text, inputs } = await bundle(program("circulant/core", "{ module: MODULE }"), ["browser"], "iife");
    expect(inputs).toEqual(["dist/core.js"]);
    expect(text.length).toBeLessThan(100_000);
    expect(infer(run(text), false).words).toEqual([...INPUT]);
  });
});
