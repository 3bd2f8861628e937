// The package "circulant": runs model files. No dependency, no module of any one platform.

export * from "./errors.ts";
export type { Activation } from "./layers/activation.ts";
export type { Operation, OperationTrace } from "./layers/operation.ts";
export { type InputFormat, type Model, type ModelOperation, NUMERICS_VERSION, type WordFormat } from "./model/model.ts";
export { type Limits, readModel } from "./model/read.ts";
export type { Direction, SessionMemory } from "./runtime/backend.ts";
export { type Capabilities, capabilities } from "./runtime/capabilities.ts";
export type { InputData } from "./runtime/input.ts";
export { type Feeds, type Results, Session, type SessionOptions } from "./runtime/session.ts";
export type { ModelSource } from "./runtime/source.ts";
export type { Tensor, TensorInfo, TensorOf } from "./runtime/tensor.ts";
