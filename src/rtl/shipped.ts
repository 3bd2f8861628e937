import { engineDesign } from "./engine.ts";
import { DEFAULT_PARAMETERS } from "./parameters.ts";
import type { Design } from "./simulate/design.ts";
import { engineSources } from "./sources.ts";

/** A design whose compiled simulation the package carries, under a file name. */
export interface ShippedDesign {
  readonly name: string;
  readonly design: Design;
}

/** Everything that is simulated from the packed package alone; a line more ships one more. */
export function shippedDesigns(): readonly ShippedDesign[] {
  const sources = engineSources();
  return [{ name: "engine", design: engineDesign(DEFAULT_PARAMETERS, sources) }];
}
