// The package "circulant": runs model files. It is circulant/core with the kernels inside. No dependency, no module of
// any one platform.

export * from "./core.ts";
export { type Capabilities, capabilities, type EngineProblem, type KernelBinary } from "./runtime/capabilities.ts";
export { Session } from "./runtime/session.ts";
