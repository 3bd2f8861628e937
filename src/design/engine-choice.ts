import { record, whole } from "../train/fields.ts";

/** An engine to consider: rtl/circulant_engine.v, one vector at a time, with so many complex multipliers. */
export interface EngineChoice {
  readonly lanes: number;
}

/** @throws OptionError naming what does not hold */
export function parseEngine(value: unknown, name: string): EngineChoice {
  const { lanes } = record(value, name, ["lanes"]);
  return { lanes: whole(lanes, `${name}.lanes`, 1, 64) };
}

/** An engine as people write it. */
export function engineName({ lanes }: EngineChoice): string {
  return lanes === 1 ? "1 lane" : `${lanes} lanes`;
}
