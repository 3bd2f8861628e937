import { InputError, OptionError, RuntimeError, ShapeError } from "../errors.ts";
import { TABLE_WORDS } from "../layers/activation.ts";
import type { DenseTrace } from "../layers/dense.ts";
import { pixelWords } from "../model/input.ts";
import type { Model } from "../model/model.ts";
import { type Limits, readModel } from "../model/read.ts";
import { volume } from "../model/shape.ts";
import type { Backend, Direction } from "./backend.ts";
import { compiledKernels } from "./capabilities.ts";
import { type InputData, readInput } from "./input.ts";
import { createReferenceBackend } from "./reference.ts";
import { bytesOf, type ModelSource, readSource } from "./source.ts";
import type { TensorInfo, TensorOf } from "./tensor.ts";
import { createWasmBackend } from "./wasm.ts";

export interface SessionOptions {
  /** What runs the model. Default "wasm": the SIMD kernels. "reference": plain TypeScript, slow, the same words. */
  readonly backend?: Backend["name"];
  /** The package's kernels.wasm, compiled by the caller, for places that do not compile bytes. */
  readonly module?: WebAssembly.Module;
  /** What the model may take: as `readModel`, and bytes of wasm memory. */
  readonly limits?: Partial<Limits> & { readonly memoryBytes?: number };
  /** Ends the fetch of a model. */
  readonly signal?: AbortSignal;
}

/** Inputs by name; a model has one, `input`. */
export interface Feeds {
  readonly input: InputData;
}

/** What a run makes, in arrays of the caller's own. */
export interface Results {
  /** Real values of the last layer's words. */
  readonly output: TensorOf<"float32">;
  /** The words themselves; real value = word / 2^fractionBits. */
  readonly words: TensorOf<"int16"> & { readonly fractionBits: number };
}

/**
 * A model, loaded and ready to run. It takes all its memory when it is made; a run takes none but its results.
 *
 * ```ts
 * using session = await Session.create(new URL("model.safetensors", location.href));
 * const { output } = session.runSync({ input: pixels });
 * ```
 */
export class Session implements Disposable {
  /** What may be fed. */
  readonly inputs: readonly TensorInfo[];
  /** What comes out. */
  readonly outputs: readonly TensorInfo[];
  /** Names of the output's words, or none. */
  readonly labels: readonly string[];
  readonly #model: Model;
  #backend: Backend | undefined;

  private constructor(model: Model, backend: Backend) {
    const { input, layers, labels } = model;
    const last = layers[layers.length - 1];
    this.inputs = [{ name: "input", dims: input.shape, fractionBits: input.fractionBits }];
    this.outputs = [{ name: "output", dims: [last.out], fractionBits: last.format.output }];
    this.labels = labels;
    this.#model = model;
    this.#backend = backend;
  }

  /**
   * Reads a model file and loads it.
   *
   * @param source its bytes, a response or stream with them, or its address
   * @throws ModelFileError if the address does not answer with a model file, or the file does not hold
   * @throws OverflowError  if an accumulator of the model could wrap
   * @throws OptionError    if an option does not hold, or the model needs more than `limits.memoryBytes`
   * @throws RuntimeError   if the engine cannot run the kernels, with the reason and the remedy
   */
  static async create(source: ModelSource, options: SessionOptions = {}): Promise<Session> {
    return Session.createSync(await readSource(source, options.limits?.bytes, options.signal), options);
  }

  /** `create` for bytes that are there. */
  static createSync(bytes: Uint8Array | ArrayBuffer, options: SessionOptions = {}): Session {
    const { memoryBytes: _, ...limits } = options.limits ?? {};
    return Session.fromModel(readModel(bytesOf(bytes), limits), options);
  }

  /**
   * Loads a model that is in memory. Its arrays are copied by "wasm" and kept by "reference".
   *
   * @throws ShapeError if its layers do not fit one another
   */
  static fromModel(model: Model, options: SessionOptions = {}): Session {
    checkShapes(model);
    return new Session(model, createBackend(model, options));
  }

  /** What runs the model. */
  get backend(): Backend["name"] {
    return this.#live().name;
  }

  /** Bytes of wasm memory that the session holds; the same for its whole life. */
  get memoryBytes(): number {
    return this.#live().memoryBytes;
  }

  /** The input's words, natural order: write them here and call `runViews`. Gone when the session is released. */
  get inputView(): Int16Array {
    return this.#live().input;
  }

  /** The output's words, overwritten by every run. Gone when the session is released. */
  get outputView(): Int16Array {
    return this.#live().output;
  }

  /** Runs the model on what stands in `inputView`. Makes no garbage. */
  runViews(): void {
    this.#live().run();
  }

  /**
   * Runs the model on one item of raw words. Makes no garbage.
   *
   * @param input  the words of one item, natural order
   * @param output as many words as the output has, overwritten
   * @throws ShapeError if either has another length
   */
  runWords(input: Int16Array, output: Int16Array): void {
    const backend = this.#live();
    checkLength("input", input, backend.input.length);
    checkLength("output", output, backend.output.length);
    backend.input.set(input);
    backend.run();
    output.set(backend.output);
  }

  /**
   * Runs the model on one item or a batch. Real values become words by floor(value * 2^fractionBits + 1/2), saturated;
   * pixels by the model's input format; words are taken as they are.
   *
   * @throws InputError  on a NaN or a type that cannot be run
   * @throws ShapeError if the data are not whole items
   */
  runSync(feeds: Feeds): Results {
    const backend = this.#live();
    const { count, load } = this.#read(feeds);
    const [{ dims: side, fractionBits }] = this.outputs;
    const words = new Int16Array((count ?? 1) * backend.output.length);
    for (let i = 0; i < (count ?? 1); i++) {
      load(backend, i);
      backend.run();
      words.set(backend.output, i * backend.output.length);
    }
    const dims = count === undefined ? side : [count, ...side];
    const data = new Float32Array(words.length);
    const unit = 2 ** -fractionBits;
    for (let i = 0; i < words.length; i++) data[i] = words[i] * unit;
    return { output: { type: "float32", data, dims }, words: { type: "int16", data: words, dims, fractionBits } };
  }

  /** `runSync`, its errors as rejections. */
  async run(feeds: Feeds): Promise<Results> {
    return this.runSync(feeds);
  }

  /**
   * Every tensor of every layer for one item, made by the backend itself.
   *
   * @throws InputError | ShapeError as `runSync`, and for a batch
   */
  trace(feeds: Feeds): DenseTrace[] {
    const backend = this.#live();
    const { count, load } = this.#read(feeds);
    if (count !== undefined && count !== 1) throw new ShapeError(`trace: expected one item, got ${count}`);
    load(backend, 0);
    return backend.trace();
  }

  /**
   * The words of one block after each stage of a layer's transform, made by the backend itself, in the order in which
   * the stages are computed. A forward block is k input words of the layer, an inverse block k words of its products.
   *
   * @throws ShapeError if the block is not k words long
   * @throws RangeError if there is no such layer
   */
  stages(layer: number, direction: Direction, block: Int16Array): Int16Array[] {
    const { layers } = this.#model;
    if (!(layer in layers)) throw new RangeError(`layer: expected 0 to ${layers.length - 1}, got ${layer}`);
    const { k, [direction]: schedule } = layers[layer];
    checkLength("block", block, k);
    return this.#live().stages(direction, block, schedule);
  }

  /** Lets go of the memory. Every later use throws a RuntimeError, but for another release. */
  release(): void {
    this.#backend = undefined;
  }

  [Symbol.dispose](): void {
    this.release();
  }

  #live(): Backend {
    if (this.#backend) return this.#backend;
    throw new RuntimeError("session: expected one that is loaded, got one that was released");
  }

  #read(feeds: Feeds) {
    if (feeds?.input === undefined) throw new InputError("feeds: expected { input }, got none of that name");
    return readInput(feeds.input, this.#model.input);
  }
}

function createBackend({ input, layers }: Model, { backend = "wasm", module, limits }: SessionOptions): Backend {
  const pixels = pixelWords(input);
  if (backend === "reference") return createReferenceBackend(layers, pixels);
  if (backend === "wasm") return createWasmBackend(compiledKernels(module), layers, pixels, limits?.memoryBytes);
  throw new OptionError(`backend: expected "wasm" or "reference", got ${JSON.stringify(backend)}`, {
    option: "backend",
  });
}

/** What must hold so that no kernel leaves its memory. */
function checkShapes({ input, layers }: Model): void {
  if (layers.length === 0) throw new ShapeError("model: expected one layer or more, got none");
  let words = volume(input.shape);
  for (const { name, k, in: inputs, out, weights, bias, activation } of layers) {
    if (inputs !== words)
      throw new ShapeError(`layer ${name}: expected ${words} inputs, got ${inputs}`, { layer: name });
    checkLength(`layer ${name} weights`, weights, Math.ceil(out / k) * Math.ceil(inputs / k) * k);
    checkLength(`layer ${name} bias`, bias, out);
    if (activation.kind === "table") checkLength(`layer ${name} table`, activation.table, TABLE_WORDS);
    words = out;
  }
}

function checkLength(what: string, words: Int16Array, expected: number): void {
  if (words.length !== expected) {
    throw new ShapeError(`${what}: expected ${expected} words, got ${words.length}`, { expected, got: words.length });
  }
}
