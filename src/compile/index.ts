/** From a trained network to a proved model file; from a dense network to one with blocks. */
export { writeModel } from "../model/write.ts";
export { type CompileOptions, type CompileReport, compile, type WeightBits } from "./compile.ts";
export type { Trial } from "./formats.ts";
export type { FoldReport, OperationReport, Point, ProductReport } from "./measure.ts";
export type { MemoryReport } from "./memory.ts";
export { type ProjectionMethod, type ProjectionOptions, type ProjectionReport, project } from "./project.ts";
export type { Range } from "./ranges.ts";
