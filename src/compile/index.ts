/** From a trained network to a proved model file. */
export { writeModel } from "../model/write.ts";
export type { Range } from "./calibrate.ts";
export { type CompileOptions, type CompileReport, compile } from "./compile.ts";
export type { Trial } from "./formats.ts";
export type { LayerReport, Point } from "./measure.ts";
