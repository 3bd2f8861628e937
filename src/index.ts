// The package "circulant": runs model files. No dependency, no module of any one platform.

export * from "./errors.ts";
export type { Activation } from "./layers/activation.ts";
export type { DenseLayer, DenseTrace } from "./layers/dense.ts";
export { type InputFormat, type LayerFormat, type Model, type ModelLayer, NUMERICS_VERSION } from "./model/model.ts";
export { type Limits, readModel } from "./model/read.ts";
export type { Direction } from "./runtime/backend.ts";
export { type Capabilities, capabilities } from "./runtime/capabilities.ts";
export type { InputData } from "./runtime/input.ts";
export { type Feeds, type Results, Session, type SessionOptions } from "./runtime/session.ts";
export type { ModelSource } from "./runtime/source.ts";
export type { Tensor, TensorInfo, TensorOf } from "./runtime/tensor.ts";
