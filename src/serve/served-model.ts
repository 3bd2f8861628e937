import type { Session } from "../runtime/session.ts";
import type { TensorInfo } from "../runtime/tensor.ts";

/** Numbers of one or more items, one after another: real values, pixels or words. */
export type Numbers = Float32Array<ArrayBuffer> | Uint8Array<ArrayBuffer> | Int16Array<ArrayBuffer>;

/** A model as a server runs it. */
export interface ServedModel {
  /** Of the file; none if there is none. */
  readonly version?: string;
  readonly input: TensorInfo;
  readonly output: TensorInfo;
  /** Names of the outputs, or none. */
  readonly labels: readonly string[];
  /**
   * The output's words of `count` items.
   *
   * @param numbers of whole items, none of them NaN; not the caller's any more
   */
  readonly run: (numbers: Numbers, count: number) => Int16Array | Promise<Int16Array>;
}

/** What a model is, without its run. */
export type ModelFacts = Pick<ServedModel, "input" | "output" | "labels">;

/** A session as a server runs it: at once, in the thread that took the request. */
export function servedSession(session: Session, version?: string): ServedModel {
  return {
    ...(version === undefined ? {} : { version }),
    input: session.inputs[0],
    output: session.outputs[0],
    labels: session.labels,
    run: (numbers) => session.wordsOf({ input: numbers }),
  };
}
