import { afterEach, describe, expect, it, vi } from "vitest";
import {
  CirculantError,
  capabilities,
  engine,
  InputError,
  ModelFileError,
  OptionError,
  RuntimeError,
  Session,
  ShapeError,
} from "../../src/index.ts";
import type { Model } from "../../src/model/model.ts";
import { writeModel } from "../../src/model/write.ts";
import { readKernels } from "../contract/realisations.ts";
import { identityModel } from "./models.ts";

const MODEL = identityModel({ shape: [1, 1, 3], fractionBits: 8, mean: 0, deviation: 1 });
const FILE = new Uint8Array(writeModel(MODEL));
const INPUT = Int16Array.of(5, -6, 7);

function expectLoaded(session: Session): void {
  expect(session.runSync({ input: INPUT }).words.data).toEqual(INPUT);
  session.release();
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("a session is made from", () => {
  it("the bytes of a file, however they lie", async () => {
    expectLoaded(Session.createSync(FILE));
    expectLoaded(await Session.create(FILE));
    expectLoaded(await Session.create(FILE.slice().buffer));
    const shifted = new Uint8Array(FILE.length + 8);
    for (const offset of [1, 2, 3]) {
      shifted.set(FILE, offset);
      expectLoaded(Session.createSync(shifted.subarray(offset, offset + FILE.length)));
    }
  });

  it("a response, a stream and an address", async () => {
    expectLoaded(await Session.create(new Response(FILE)));
    expectLoaded(await Session.create(new Blob([FILE]).stream()));
    const address = `data:application/octet-stream;base64,${Buffer.from(FILE).toString("base64")}`;
    expectLoaded(await Session.create(address));
    expectLoaded(await Session.create(new URL(address)));
  });

  it("a module that the caller compiled, also in another realm", async () => {
    const { runInNewContext } = await import("node:vm");
    const module = new WebAssembly.Module(readKernels("release"));
    expectLoaded(Session.createSync(FILE, { module }));
    const foreign = runInNewContext("new WebAssembly.Module(bytes)", { bytes: readKernels("release"), WebAssembly });
    expectLoaded(Session.createSync(FILE, { module: foreign }));
  });
});

describe("a session is refused for", () => {
  it("a page in place of a model", async () => {
    const page = new Response("<!doctype html><title>Not found</title>", { headers: { "content-type": "text/html" } });
    await expect(Session.create(page)).rejects.toThrow(ModelFileError);
    await expect(Session.create("data:text/html,<html>")).rejects.toThrow(/HTML/);
  });

  it("a status that is no success", async () => {
    await expect(Session.create(new Response("gone", { status: 404 }))).rejects.toThrow(/HTTP status 404/);
  });

  it("an address that cannot be fetched", async () => {
    for (const address of ["models/local.safetensors", "file:///model.safetensors", "http://127.0.0.1:1/x"]) {
      await expect(Session.create(address), address).rejects.toThrow(ModelFileError);
    }
  });

  it("a fetch that the caller ends", async () => {
    const signal = AbortSignal.abort();
    await expect(Session.create("http://127.0.0.1:1/x", { signal })).rejects.toThrow(/abort/i);
  });

  it("a file over the caller's limits", async () => {
    const limits = { bytes: FILE.length - 1 };
    expect(() => Session.createSync(FILE, { limits })).toThrow(ModelFileError);
    await expect(Session.create(new Response(FILE), { limits })).rejects.toThrow(ModelFileError);
    expect(() => Session.createSync(FILE, { limits: { memoryBytes: 1000 } })).toThrow(OptionError);
    expectLoaded(Session.createSync(FILE, { limits: { memoryBytes: 2 ** 20, bytes: FILE.length } }));
  });

  it("something that is no source, backend or module", async () => {
    await expect(Session.create(5 as never)).rejects.toThrow(InputError);
    expect(() => Session.createSync("address" as never)).toThrow(InputError);
    expect(() => Session.createSync(FILE, { backend: "gpu" as never })).toThrow(OptionError);
    expect(() => Session.createSync(FILE, { module: {} as never })).toThrow(OptionError);
    const alien = new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
    expect(() => Session.createSync(FILE, { module: alien })).toThrow(/without memory/);
  });

  it("a model whose operations do not fit", () => {
    const [operation] = MODEL.operations;
    for (const operations of [
      [],
      [operation, { ...operation, inputs: [1], in: 4 }],
      [{ ...operation, weights: new Int16Array(8) }],
      [{ ...operation, bias: new Int16Array(2) }],
      [{ ...operation, activation: { kind: "table" as const, table: new Int16Array(256) } }],
    ]) {
      const model = { ...MODEL, operations } as Model;
      const memory = { words: 32, offsets: [0, 8, 16].slice(0, operations.length + 1) };
      expect(() => Session.fromModel({ ...model, memory })).toThrow(ShapeError);
    }
  });
});

describe("without WebAssembly SIMD", () => {
  const cases: readonly (readonly [string, () => unknown, RegExp])[] = [
    ["no WebAssembly", () => undefined, /no WebAssembly/],
    ["no SIMD", () => ({ ...functions(), validate: () => false }), /no SIMD/],
    [
      "no code generation",
      () => ({ ...functions(), Module: refuse }),
      /code generation is disallowed .*circulant\/core/,
    ],
  ];

  it.each(cases)("a session is refused with reason and remedy: %s", async (_, stub, message) => {
    vi.resetModules();
    const fresh = await import("../../src/index.ts");
    vi.stubGlobal("WebAssembly", stub());
    expect(fresh.capabilities()).toMatchObject({ backend: "none", reason: expect.any(String) });
    expect(() => fresh.Session.createSync(FILE)).toThrow(fresh.RuntimeError);
    expect(() => fresh.Session.createSync(FILE)).toThrow(message);
    expect(() => fresh.Session.createSync(FILE)).toThrow(/backend: "reference"/);
  });

  it("the reference runs if it is asked for", () => {
    vi.stubGlobal("WebAssembly", undefined);
    expectLoaded(Session.createSync(FILE, { backend: "reference" }));
  });

  function functions() {
    return { Module: WebAssembly.Module, Instance: WebAssembly.Instance, validate: WebAssembly.validate };
  }

  function refuse(): never {
    throw new WebAssembly.CompileError("Wasm code generation disallowed by embedder");
  }
});

describe("a session", () => {
  it("tells what it reads, writes and runs on", () => {
    using session = Session.createSync(FILE);
    expect(session.inputs).toEqual([{ name: "input", dims: [1, 1, 3], fractionBits: 8 }]);
    expect(session.outputs).toEqual([{ name: "output", dims: [3], fractionBits: 8 }]);
    expect(session.backend).toBe("wasm");
    expect(capabilities()).toMatchObject({ backend: "wasm", reason: expect.any(String), engine: engine() });
  });

  it("gives real values with its words", () => {
    using session = Session.createSync(FILE);
    const { output, words } = session.runSync({ input: INPUT });
    expect(output).toEqual({ type: "float32", data: Float32Array.from(INPUT, (w) => w / 256), dims: [3] });
    expect(words).toEqual({ type: "int16", data: INPUT, dims: [3], fractionBits: 8 });
  });

  it("runs on its views", () => {
    using session = Session.createSync(FILE);
    session.inputView.set(INPUT);
    session.runViews();
    expect(session.outputView).toEqual(INPUT);
  });

  it("leaves results of earlier runs as they are", () => {
    using session = Session.createSync(FILE);
    const first = session.runSync({ input: INPUT });
    session.runSync({ input: Int16Array.of(9, 9, 9) });
    expect(first.words.data).toEqual(INPUT);
  });

  it("takes no more memory however often it runs", () => {
    using session = Session.createSync(FILE);
    const { memoryBytes, inputView, outputView } = session;
    const output = new Int16Array(3);
    for (let i = 0; i < 20_000; i++) session.runWords(INPUT, output);
    session.trace({ input: INPUT });
    expect(session.memoryBytes).toBe(memoryBytes);
    expect(session.inputView).toBe(inputView);
    expect(session.outputView).toBe(outputView);
    expect(outputView.length).toBe(3);
  });

  it("cannot be used after its release, which may be repeated", async () => {
    const session = Session.createSync(FILE);
    session.release();
    session[Symbol.dispose]();
    const uses: readonly (() => unknown)[] = [
      () => session.runSync({ input: INPUT }),
      () => session.runWords(INPUT, INPUT.slice()),
      () => session.runViews(),
      () => session.inputView,
      () => session.outputView,
      () => session.trace({ input: INPUT }),
      () => session.stages(0, "forward", Int16Array.of(1)),
      () => session.memoryBytes,
      () => session.memory,
      () => session.backend,
    ];
    for (const use of uses) expect(use).toThrow(RuntimeError);
    await expect(session.run({ input: INPUT })).rejects.toThrow(CirculantError);
  });
});
