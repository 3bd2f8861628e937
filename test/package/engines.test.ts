import { spawnSync } from "node:child_process";
import { createContext, runInContext } from "node:vm";
import { afterEach, describe, expect, it, vi } from "vitest";
import { identityModel } from "../runtime/models.ts";
import { bundle, ROOT } from "./bundle.ts";

const VECTOR = { shape: [1, 1, 3], fractionBits: 8, mean: 0, deviation: 1 } as const;

/** Loads the shipped network in a Node of these flags and prints what would run it, and its words for a ramp. */
const PROGRAM = `
  const { Session, capabilities } = require("circulant");
  const model = require("node:fs").readFileSync("models/mnist-mlp.safetensors");
  const answer = { capabilities: capabilities() };
  try {
    const session = Session.createSync(model);
    const input = Uint8Array.from({ length: 784 }, (_, i) => (i * 37) % 256);
    answer.words = [...session.runSync({ input }).words.data];
  } catch ({ name, message, code, fields }) {
    answer.error = { name, message, code, fields };
  }
  console.log(JSON.stringify(answer));
`;

function runNode(...flags: readonly string[]) {
  const { stdout, stderr } = spawnSync(process.execPath, [...flags, "-e", PROGRAM], { cwd: ROOT, encoding: "utf8" });
  return stdout === "" ? { error: stderr } : JSON.parse(stdout);
}

describe("Node", () => {
  it("runs the relaxed binary where it has relaxed SIMD, the plain one where not, with the same words", () => {
    const plain = runNode("--no-experimental-wasm-relaxed-simd");
    const relaxed = runNode("--experimental-wasm-relaxed-simd");
    expect(plain.capabilities).toMatchObject({ backend: "wasm", binary: "plain", engine: { relaxedSimd: false } });
    expect(plain.capabilities.reason).toMatch(/no relaxed SIMD/);
    expect(relaxed.capabilities).toMatchObject({ backend: "wasm", binary: "relaxed", engine: { relaxedSimd: true } });
    expect(plain.words).toHaveLength(10);
    expect(relaxed.words).toEqual(plain.words);
  });

  it("without WebAssembly refuses with the reason and the remedy", () => {
    const { capabilities, error } = runNode("--jitless");
    expect(capabilities).toMatchObject({ backend: "none", problem: "NO_WEBASSEMBLY", engine: { webAssembly: false } });
    expect(error).toMatchObject({ name: "RuntimeError", code: "RUNTIME", fields: { problem: "NO_WEBASSEMBLY" } });
    expect(error.message).toMatch(/expected an engine with WebAssembly SIMD, got one where there is no .*reference/);
  });

  it.skipIf(process.arch !== "x64")("on a processor without SSSE3, so without SIMD, refuses (x64 only)", () => {
    const { capabilities, error } = runNode("--no-enable-ssse3");
    expect(capabilities).toMatchObject({ backend: "none", problem: "NO_SIMD", engine: { webAssembly: true } });
    expect(error).toMatchObject({ name: "RuntimeError", code: "RUNTIME", fields: { problem: "NO_SIMD" } });
    expect(error.message).toMatch(/WebAssembly has no SIMD; use a newer engine/);
  });

  it.each([
    [0, /^kernels: expected an instance with its memory, the engine refused it .*; release sessions that are done$/],
    [1, /^memory: expected \d+ bytes, the engine refused them$/],
  ])("that gives %i pages of memory refuses the model", (pages, message) => {
    const { error } = runNode(`--wasm-max-mem-pages=${pages}`);
    expect(error).toMatchObject({ name: "RuntimeError", code: "RUNTIME" });
    expect(error.message).toMatch(message);
  });

  it("in a realm whose embedder disallows code generation refuses and points to circulant/core", async () => {
    const { text } = await bundle(
      'import { capabilities } from "circulant"; globalThis.answer = JSON.stringify(capabilities());',
      ["browser"],
      "iife",
    );
    const context = createContext(
      { atob, TextEncoder, TextDecoder },
      { codeGeneration: { strings: false, wasm: false } },
    );
    const answer = JSON.parse(runInContext(`${text};globalThis.answer`, context));
    expect(answer).toMatchObject({ backend: "none", problem: "CODE_GENERATION" });
    expect(answer.reason).toMatch(/disallowed by embedder/);
    expect(answer.remedy).toMatch(/circulant\/kernels\.wasm .* circulant\/core/);
  });
});

/** What the browsers throw under a policy without 'wasm-unsafe-eval'. */
const POLICIES = [
  "WebAssembly.Module(): Compiling or instantiating WebAssembly module violates the following Content Security policy " +
    "directive because neither 'wasm-eval' nor 'unsafe-eval' is an allowed source of script in the following Content " +
    "Security Policy directive: \"script-src 'self'\"",
  "call to WebAssembly.Module() blocked by CSP",
  "Refused to create a WebAssembly object because 'unsafe-eval' or 'wasm-unsafe-eval' is not an allowed source of script " +
    "in the following Content Security Policy directive: \"script-src 'self'\".",
];

describe("a page whose policy forbids WebAssembly", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it.each(POLICIES)("is told to add 'wasm-unsafe-eval': %s", async (message) => {
    vi.resetModules();
    const { capabilities, Session } = await import("../../src/index.ts");
    class Module {
      constructor() {
        throw new WebAssembly.CompileError(message);
      }
    }
    vi.stubGlobal("WebAssembly", Object.assign(Object.create(WebAssembly), { validate: WebAssembly.validate, Module }));
    expect(capabilities()).toMatchObject({ backend: "none", problem: "CSP" });
    expect(() => Session.fromModel(identityModel(VECTOR))).toThrow(
      /Content Security Policy .*; add 'wasm-unsafe-eval' to its script-src/s,
    );
  });
});
