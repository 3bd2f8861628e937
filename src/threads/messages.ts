import type { Model } from "../model/model.ts";
import type { Backend, SessionMemory } from "../runtime/backend.ts";
import type { Fault } from "./fault.ts";

/** Numbers of whole items, one after another, in a buffer that can be sent. */
export type Numbers = (Float32Array | Uint8Array | Uint8ClampedArray | Int16Array) & { readonly buffer: ArrayBuffer };

/** How a thread runs models. */
export interface ThreadOptions {
  readonly backend?: Backend["name"];
  /** The kernels, compiled once for all threads. */
  readonly module?: WebAssembly.Module;
  /** The most wasm memory that a session in a thread may take. */
  readonly memoryBytes?: number;
}

/** What a thread holds for a model. */
export interface Loaded {
  readonly memoryBytes: number;
  readonly memory: SessionMemory;
}

export type ThreadRequest =
  | { readonly kind: "load"; readonly key: string; readonly model: Model; readonly options: ThreadOptions }
  | { readonly kind: "unload"; readonly key: string }
  | { readonly kind: "run"; readonly key: string; readonly numbers: Numbers };

export type ThreadReply =
  | { readonly kind: "loaded"; readonly key: string; readonly loaded: Loaded }
  | { readonly kind: "refused"; readonly key: string; readonly fault: Fault }
  | { readonly kind: "words"; readonly words: Int16Array<ArrayBuffer> }
  | { readonly kind: "failed"; readonly fault: Fault };
