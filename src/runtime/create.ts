import { OptionError } from "../errors.ts";
import { pixelWords } from "../model/input.ts";
import { checkLimit, type Limits, limitsOf } from "../model/limits.ts";
import type { Model } from "../model/model.ts";
import { readModel, readModelWith } from "../model/read.ts";
import type { Backend } from "./backend.ts";
import { checksOf } from "./checks.ts";
import { graphOf } from "./graph.ts";
import { LoadedSession } from "./loaded.ts";
import { createReferenceBackend } from "./reference.ts";
import { readTrusted, type Trust } from "./signature.ts";
import { bytesOf, type ModelSource, readSource } from "./source.ts";
import { createWasmBackend } from "./wasm.ts";

export interface SessionOptions {
  /** What runs the model. Default "wasm": the SIMD kernels. "reference": plain TypeScript, slow, the same words. */
  readonly backend?: Backend["name"];
  /** The package's kernels.wasm or kernels.relaxed.wasm, compiled by the caller, for places that do not compile bytes. */
  readonly module?: WebAssembly.Module;
  /** What the model may take: as `readModel`, and bytes of wasm memory. */
  readonly limits?: Partial<Limits> & { readonly memoryBytes?: number };
  /** Ends the fetch of a model. */
  readonly signal?: AbortSignal;
  /** Whose models are loaded: only `create` takes it. Default: a model is loaded whoever made it. */
  readonly trust?: Trust;
}

/** Loads models. `Options` are the arguments after the model. */
export interface Sessions<Options extends [options?: SessionOptions]> {
  /**
   * Reads a model file and loads it.
   *
   * @param source its bytes, a response or stream with them, or its address
   * @throws ModelFileError if the address does not answer with a model file, or the file does not hold
   * @throws SignatureError if `trust` is given and none of its keys has signed the file; nothing of it is parsed then
   * @throws OverflowError  if an accumulator of the model could wrap
   * @throws OptionError    if an option does not hold, or the model needs more than `limits.memoryBytes`
   * @throws RuntimeError   if the engine cannot run the kernels, with the problem, the reason and the remedy
   */
  create(source: ModelSource, ...options: Options): Promise<LoadedSession>;

  /** `create` for bytes that are there. */
  createSync(bytes: Uint8Array | ArrayBuffer, ...options: Options): LoadedSession;

  /**
   * Loads a model that is in memory. Its arrays are copied by "wasm" and kept by "reference".
   *
   * @throws ShapeError if its operations do not fit one another, their weights or the memory plan
   */
  fromModel(model: Model, ...options: Options): LoadedSession;
}

/** The caller's kernels, or others in their place. @throws OptionError | RuntimeError if there are none */
export type FindKernels = (module: WebAssembly.Module | undefined) => WebAssembly.Module;

/** Loads models with the kernels that `kernels` finds. It is asked only where the kernels run. */
export function sessionsWith<Options extends [options?: SessionOptions]>(kernels: FindKernels): Sessions<Options> {
  const load = (model: Model, options: SessionOptions, isProven: boolean) => {
    return new LoadedSession(model, createBackend(model, options, kernels, isProven));
  };
  return {
    fromModel(model, ...[options = {}]) {
      refuseTrust(options);
      return load(model, options, false);
    },
    createSync(bytes, ...[options = {}]) {
      refuseTrust(options);
      return load(readBytes(bytesOf(bytes), options, kernels), options, true);
    },
    async create(source, ...[options = {}]) {
      return load(await loadModel(source, options, kernels), options, true);
    },
  };
}

/** The model of a file, whose signature is checked first if `trust` is given. @throws as `Sessions.create` */
export async function loadModel(source: ModelSource, options: SessionOptions, kernels: FindKernels): Promise<Model> {
  const { signal, trust } = options;
  const file = await readSource(source, limitsOf(fileLimits(options)).bytes, signal);
  const bytes = trust === undefined ? file : await readTrusted(file, trust, signal);
  return readBytes(bytes, options, kernels);
}

function readBytes(bytes: Uint8Array, options: SessionOptions, kernels: FindKernels): Model {
  const { backend = "wasm", module } = options;
  const limits = fileLimits(options);
  return backend === "wasm" ? readModelWith(checksOf(kernels(module)), bytes, limits) : readModel(bytes, limits);
}

/** The limits that the reader holds a file to. */
function fileLimits({ limits: { memoryBytes: _, ...limits } = {} }: SessionOptions): Partial<Limits> {
  return limits;
}

/** A key that is not asked would be a lock that is not shut. */
export function refuseTrust({ trust }: SessionOptions): void {
  if (trust === undefined) return;
  throw new OptionError(
    "trust: expected Session.create, which checks signatures, got a call that cannot wait for one",
    {
      option: "trust",
    },
  );
}

function createBackend(
  model: Model,
  { backend = "wasm", module, limits }: SessionOptions,
  kernels: FindKernels,
  isProven: boolean,
): Backend {
  if (limits?.memoryBytes !== undefined) checkLimit("memoryBytes", limits.memoryBytes);
  const graph = graphOf(model, isProven);
  const pixels = pixelWords(model.input);
  if (backend === "reference") return createReferenceBackend(graph, pixels);
  if (backend === "wasm") return createWasmBackend(kernels(module), graph, pixels, limits?.memoryBytes);
  throw new OptionError(`backend: expected "wasm" or "reference", got ${JSON.stringify(backend)}`, {
    option: "backend",
  });
}
