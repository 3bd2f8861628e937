/** The co-design flow in Node: a configuration and images in, a Pareto set of models and a report out. */

export type { Blocks } from "./blocks.ts";
export { type DesignConfig, parseDesign, type Rung, type Search, type Target } from "./config.ts";
export type { DesignOptions } from "./context.ts";
export type { EngineCost } from "./cost.ts";
export { ENERGY, type EnergyTable } from "./energy.ts";
export { reportPage } from "./html/page.ts";
export { frontier, type Option, type Selection } from "./knapsack.ts";
export { type RebuildOptions, rebuild } from "./rebuild.ts";
export type { Beat, DesignReport, Figures, Point, Rival, ShapeRecord } from "./report.ts";
export { design } from "./run.ts";
export type { RunProgress } from "./stage.ts";
