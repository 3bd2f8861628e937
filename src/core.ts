// The package "circulant/core": runs model files with the kernels that the caller brings. None are inside: the caller
// compiles or imports circulant/kernels.wasm, or kernels.relaxed.wasm where `engine().relaxedSimd`.

import { OptionError } from "./errors.ts";
import { type SessionOptions, type Sessions, sessionsWith } from "./runtime/create.ts";
import type { LoadedSession } from "./runtime/loaded.ts";
import { checkModule } from "./runtime/module.ts";

export * from "./errors.ts";
export type { Activation } from "./layers/activation.ts";
export type { Operation, OperationTrace } from "./layers/operation.ts";
export type { Limits } from "./model/limits.ts";
export { type InputFormat, type Model, type ModelOperation, NUMERICS_VERSION, type WordFormat } from "./model/model.ts";
export { readModel } from "./model/read.ts";
export type { Direction, SessionMemory } from "./runtime/backend.ts";
export { type Engine, engine } from "./runtime/engine.ts";
export type { Feeds, InputData } from "./runtime/input.ts";
export type { OperationProfile, Profile, ProfileOptions } from "./runtime/profile.ts";
export type { Results } from "./runtime/results.ts";
export type { PublicKey, Trust } from "./runtime/signature.ts";
export type { ModelSource } from "./runtime/source.ts";
export type { Tensor, TensorInfo, TensorOf } from "./runtime/tensor.ts";
export type { SessionOptions, Sessions };

/** Options of a session, with the kernels unless the reference runs. */
export type CoreOptions = SessionOptions &
  ({ readonly module: WebAssembly.Module } | { readonly backend: "reference" });

/** A model, loaded and ready to run. */
export type Session = LoadedSession;

/** Loads models with the kernels that the caller brings. */
export const Session: Sessions<[options: CoreOptions]> = /* @__PURE__ */ sessionsWith((module) => {
  if (module !== undefined) return checkModule(module);
  throw new OptionError(
    "module: expected the compiled circulant/kernels.wasm, got none; pass it, or import circulant, which has it inside",
    { option: "module" },
  );
});
