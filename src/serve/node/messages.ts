import type { ErrorCode } from "../../errors.ts";
import type { Numbers, ServedModel } from "../served-model.ts";

/** What a thread is made with. */
export interface ThreadTask {
  /** The kernels, compiled once for all threads. */
  readonly module: WebAssembly.Module;
}

/** What a model is, without its run. */
export type ModelFacts = Pick<ServedModel, "input" | "output" | "labels">;

export type ThreadRequest =
  | { readonly kind: "load"; readonly key: string; readonly bytes: Uint8Array }
  | { readonly kind: "unload"; readonly key: string }
  | { readonly kind: "run"; readonly key: string; readonly numbers: Numbers };

export type ThreadReply =
  | { readonly kind: "loaded"; readonly key: string; readonly facts: ModelFacts }
  | { readonly kind: "refused"; readonly key: string; readonly code: ErrorCode; readonly message: string }
  | { readonly kind: "words"; readonly words: Int16Array<ArrayBuffer> }
  | { readonly kind: "failed"; readonly message: string };
