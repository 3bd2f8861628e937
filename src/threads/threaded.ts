import type { CirculantError } from "../errors.ts";
import type { Model } from "../model/model.ts";
import { volume } from "../model/shape.ts";
import type { Backend, SessionMemory } from "../runtime/backend.ts";
import { loadModel, refuseTrust, type SessionOptions } from "../runtime/create.ts";
import { type Feeds, notANumber, readFeeds } from "../runtime/input.ts";
import { released } from "../runtime/loaded.ts";
import { type Results, realsOf, resultsOf, sidesOf } from "../runtime/results.ts";
import { kernelsOr } from "../runtime/session.ts";
import type { ModelSource } from "../runtime/source.ts";
import { type Tensor, type TensorInfo, typeName } from "../runtime/tensor.ts";
import type { ThreadProgram } from "./channel.ts";
import { type Crew, hireCrew } from "./crew.ts";
import { createDispatcher, type Dispatcher } from "./dispatch.ts";
import type { Loaded, Numbers } from "./messages.ts";
import { cutBatch, type PieceItems, pieceItemsOf } from "./pieces.ts";

export interface ThreadedOptions extends SessionOptions {
  /** Threads that run the model, 1 to 1024; each holds a session of its own. `limits.memoryBytes` is that of each. */
  readonly threads: number;
  /** Least items that a thread gets at once. Default: by the work of an item, so that a message is worth its time. */
  readonly pieceItems?: number;
  /** Where the program `circulant/threads/worker` is, for bundlers that do not find it by themselves. */
  readonly worker?: ThreadProgram;
}

export interface RunOptions {
  /** Ends the run: what no thread has begun is dropped. */
  readonly signal?: AbortSignal;
}

const KEY = "model";

/**
 * A model, loaded in worker threads: the words of a session, batches by several threads at a time, and a calling thread
 * that does not wait. The threads share nothing but the compiled kernels.
 *
 * ```ts
 * const session = await ThreadedSession.create(bytes, { threads: 4 });
 * const { output } = await session.run({ input: images });
 * await session.release();
 * ```
 */
export class ThreadedSession implements AsyncDisposable {
  /** What may be fed. */
  readonly inputs: readonly TensorInfo[];
  /** What comes out. */
  readonly outputs: readonly TensorInfo[];
  /** Names of the output's words, or none. */
  readonly labels: readonly string[];
  /** What runs the model. */
  readonly backend: Backend["name"];
  /** Threads that run the model. */
  readonly threads: number;
  readonly #model: Model;
  readonly #pieceItems: PieceItems;
  readonly #dispatcher: Dispatcher;
  readonly #crew: Crew;
  #loaded: readonly Loaded[] = [];
  #released: Promise<void> | undefined;

  private constructor(model: Model, options: ThreadedOptions) {
    const { threads, pieceItems, worker, backend = "wasm", module, limits } = options;
    const { input, output } = sidesOf(model);
    this.inputs = [input];
    this.outputs = [output];
    this.labels = model.labels;
    this.backend = backend;
    this.threads = threads;
    this.#model = model;
    this.#pieceItems = pieceItemsOf(model, pieceItems);
    this.#dispatcher = createDispatcher((isBusy) => this.#crew.hold(isBusy));
    this.#crew = hireCrew({
      threads,
      backend,
      ...(worker === undefined ? {} : { worker }),
      ...(backend === "wasm" ? { module: kernelsOr(module) } : {}),
      ...(limits?.memoryBytes === undefined ? {} : { memoryBytes: limits.memoryBytes }),
      onHired: this.#dispatcher.onHired,
      onLost: this.#dispatcher.onLost,
    });
  }

  /**
   * Reads a model file and loads it in every thread.
   *
   * @throws RuntimeError if the engine has no threads, or cannot run the kernels, with the problem and the reason
   * @throws ModelFileError | SignatureError | OverflowError | OptionError as `Session.create`
   */
  static async create(source: ModelSource, options: ThreadedOptions): Promise<ThreadedSession> {
    return ThreadedSession.#load(await loadModel(source, options, kernelsOr), options);
  }

  /**
   * Loads a model that is in memory in every thread. Its arrays are copied.
   *
   * @throws ShapeError if its operations do not fit one another, and as `create`
   */
  static async fromModel(model: Model, options: ThreadedOptions): Promise<ThreadedSession> {
    refuseTrust(options);
    return ThreadedSession.#load(model, options);
  }

  static async #load(model: Model, options: ThreadedOptions): Promise<ThreadedSession> {
    const session = new ThreadedSession(model, options);
    try {
      session.#loaded = await session.#crew.load(KEY, model);
    } catch (error) {
      await session.release();
      throw error;
    }
    session.#crew.hold(false);
    return session;
  }

  /** Bytes of wasm memory of all threads; the same for its whole life. */
  get memoryBytes(): number {
    return this.#live().reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
  }

  /** Bytes that the threads hold, by what they hold. */
  get memory(): SessionMemory {
    const sum = (kind: keyof SessionMemory) => this.#live().reduce((bytes, { memory }) => bytes + memory[kind], 0);
    return { tensors: sum("tensors"), working: sum("working"), constants: sum("constants") };
  }

  /**
   * Runs the model on one item or a batch, cut into pieces for the threads. The data are copied at once; runs that are
   * under way at a time take turns.
   *
   * @throws InputError | ShapeError as a session's `runSync`
   * @throws RuntimeError if a thread ends that works on it, or the session is released
   */
  async run(feeds: Feeds, { signal }: RunOptions = {}): Promise<Results> {
    this.#live();
    const { data, count } = readFeeds(feeds, this.#model.input);
    const items = count ?? 1;
    const size = data.length / items;
    const pieces = cutBatch(items, this.threads, this.#pieceItems);
    const numbers = pieces.map(({ first, end }) => copyNumbers(data.subarray(first * size, end * size)));
    const outputWords = volume(this.outputs[0].dims);
    const words = new Int16Array(items * outputWords);
    for (const [i, made] of (await this.#dispatcher.run(KEY, numbers, signal)).entries()) {
      const { first } = pieces[i];
      if (made.status === "rejected") throw inWholeBatch(made.reason, first * size);
      words.set(made.value, first * outputWords);
    }
    const [info] = this.outputs;
    return resultsOf(words, realsOf(words, info.fractionBits), count, info);
  }

  /** Ends all threads. What runs or waits is rejected; every later use throws a RuntimeError, but for another release. */
  release(): Promise<void> {
    this.#released ??= this.#crew.close();
    this.#dispatcher.end(released());
    return this.#released;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }

  #live(): readonly Loaded[] {
    if (this.#released) throw released();
    return this.#loaded;
  }
}

/** A copy in a buffer of its own; the `slice` of Node's Buffer is none. */
function copyNumbers(data: Tensor["data"]): Numbers {
  const type = typeName(data) as keyof typeof COPIES;
  const copy = new COPIES[type](data.length);
  copy.set(data);
  return copy;
}

const COPIES = { Float32Array, Uint8Array, Uint8ClampedArray, Int16Array };

/** The error of a piece as the whole batch has it, whose numbers begin before those of the piece. */
function inWholeBatch(error: unknown, first: number): unknown {
  const { code, fields } = Object(error) as Partial<CirculantError>;
  return code === "INPUT" && typeof fields?.index === "number" ? notANumber(first + fields.index) : error;
}
