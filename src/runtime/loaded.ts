import { RuntimeError, ShapeError } from "../errors.ts";
import type { OperationTrace } from "../layers/operation.ts";
import type { Model } from "../model/model.ts";
import type { Backend, Direction, SessionMemory } from "./backend.ts";
import { type Batch, type Feeds, readFeeds } from "./input.ts";
import { type Profile, type ProfileOptions, profileModel } from "./profile.ts";
import { type Results, resultsOf, sidesOf } from "./results.ts";
import type { TensorInfo } from "./tensor.ts";

/** A model, loaded and ready to run. It takes all its memory when it is made; a run takes none but its results. */
export class LoadedSession implements Disposable {
  /** What may be fed. */
  readonly inputs: readonly TensorInfo[];
  /** What comes out. */
  readonly outputs: readonly TensorInfo[];
  /** Names of the output's words, or none. */
  readonly labels: readonly string[];
  readonly #model: Model;
  #backend: Backend | undefined;

  constructor(model: Model, backend: Backend) {
    const { input, output } = sidesOf(model);
    this.inputs = [input];
    this.outputs = [output];
    this.labels = model.labels;
    this.#model = model;
    this.#backend = backend;
  }

  /** What runs the model. */
  get backend(): Backend["name"] {
    return this.#live().name;
  }

  /** Bytes of wasm memory that the session holds; the same for its whole life. */
  get memoryBytes(): number {
    return this.#live().memoryBytes;
  }

  /** Bytes that the session holds, by what they hold. */
  get memory(): SessionMemory {
    return this.#live().memory;
  }

  /**
   * The input's words, natural order: write them here before each call of `runViews`, for a run may overwrite them.
   * Gone when the session is released.
   */
  get inputView(): Int16Array {
    return this.#live().input;
  }

  /** The output's words, until the next input is written. Gone when the session is released. */
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
    this.#live();
    const batch = readFeeds(feeds, this.#model.input);
    const [info] = this.outputs;
    const reals = new Float32Array((batch.count ?? 1) * this.outputView.length);
    const words = this.#runBatch(batch, { reals, unit: 2 ** -info.fractionBits });
    return resultsOf(words, reals, batch.count, info);
  }

  /** The words of `runSync` alone, items one after another. @throws as it */
  wordsOf(feeds: Feeds): Int16Array<ArrayBuffer> {
    this.#live();
    return this.#runBatch(readFeeds(feeds, this.#model.input));
  }

  /** `runSync`, its errors as rejections. */
  async run(feeds: Feeds): Promise<Results> {
    return this.runSync(feeds);
  }

  /**
   * Every tensor of every operation for one item, made by the backend itself.
   *
   * @throws InputError | ShapeError as `runSync`, and for a batch
   */
  trace(feeds: Feeds): OperationTrace[] {
    const backend = this.#live();
    this.#readOne("trace", feeds)();
    return backend.trace();
  }

  /**
   * Where the time of an inference goes: each operation's median, share, bytes and work, and the whole as one call. It
   * takes runs * (operations + 1) milliseconds or more, and leaves the item's output in `outputView`.
   *
   * @throws InputError | ShapeError as `runSync`, and for a batch
   * @throws OptionError  if `runs` is no number of rounds
   * @throws RuntimeError with `problem` FROZEN_CLOCK where the clock stands still while code runs, as in Workers
   */
  profile(feeds: Feeds, options?: ProfileOptions): Profile {
    const backend = this.#live();
    const load = this.#readOne("profile", feeds);
    return profileModel(this.#model, backend, load, options);
  }

  /**
   * The words of one block after each stage of an operation's transform, made by the backend itself, in the order in
   * which the stages are computed. A forward block is k of its input words, an inverse block k words of its products.
   *
   * @param number of a dense layer or a convolution
   * @throws ShapeError if the block is not k words long
   * @throws RangeError if there is no such operation, or it has no transform
   */
  stages(number: number, direction: Direction, block: Int16Array): Int16Array[] {
    const { operations } = this.#model;
    const operation = operations[number];
    if (!operation) throw new RangeError(`operation: expected 0 to ${operations.length - 1}, got ${number}`);
    if (!("k" in operation)) throw new RangeError(`operation ${number}: expected one of blocks, got ${operation.op}`);
    const { k, [direction]: schedule } = operation;
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

  #runBatch({ count, load }: Batch, real?: { reals: Float32Array; unit: number }): Int16Array<ArrayBuffer> {
    const backend = this.#live();
    const { output } = backend;
    const words = new Int16Array((count ?? 1) * output.length);
    for (let i = 0; i < (count ?? 1); i++) {
      load(backend, i);
      backend.run();
      words.set(output, i * output.length);
      if (real) backend.takeReals(real.unit, real.reals, i * output.length);
    }
    return words;
  }

  #live(): Backend {
    if (this.#backend) return this.#backend;
    throw released();
  }

  /** What writes a single item into the input. */
  #readOne(what: string, feeds: Feeds): () => void {
    const backend = this.#live();
    const { count, load } = readFeeds(feeds, this.#model.input);
    if (count !== undefined && count !== 1) throw new ShapeError(`${what}: expected one item, got ${count}`);
    return () => load(backend, 0);
  }
}

/** What every use of a released session throws. */
export function released(): RuntimeError {
  return new RuntimeError("session: expected one that is loaded, got one that was released");
}

function checkLength(what: string, words: Int16Array, expected: number): void {
  if (words.length !== expected) {
    throw new ShapeError(`${what}: expected ${expected} words, got ${words.length}`, { expected, got: words.length });
  }
}
