import { invalid, record, whole } from "../train/fields.ts";

/** The engine of rtl/circulant_engine.v: one vector at a time, with so many complex multipliers. */
export interface LaneEngine {
  readonly lanes: number;
}

/** The streaming engine of rtl/pipeline/circulant_pipeline.v: paths times blocks complex multipliers. */
export interface StreamingEngine {
  /** Locations of a spectrum at once: 2, 4 or 8. */
  readonly paths: number;
  /** Output blocks at once. */
  readonly blocks: number;
}

/** An engine to consider. */
export type EngineChoice = LaneEngine | StreamingEngine;

/** @throws OptionError naming what does not hold */
export function parseEngine(value: unknown, name: string): EngineChoice {
  const fields = record(value, name, ["lanes", "paths", "blocks"]);
  if (fields.lanes !== undefined) {
    record(value, name, ["lanes"]);
    return { lanes: whole(fields.lanes, `${name}.lanes`, 1, 64) };
  }
  const paths = whole(fields.paths, `${name}.paths`, 2, 8);
  if (![2, 4, 8].includes(paths)) throw invalid(`${name}.paths`, "2, 4 or 8", paths);
  return { paths, blocks: whole(fields.blocks, `${name}.blocks`, 1, 64) };
}

/** An engine as people write it. */
export function engineName(engine: EngineChoice): string {
  if ("lanes" in engine) return engine.lanes === 1 ? "1 lane" : `${engine.lanes} lanes`;
  return `streaming, ${engine.paths} paths x ${engine.blocks} blocks`;
}
