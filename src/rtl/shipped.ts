import { readFileSync } from "node:fs";
import { readModel } from "../model/read.ts";
import { engineDesign } from "./engine.ts";
import { DEFAULT_PARAMETERS } from "./parameters.ts";
import { benchDesign } from "./pipeline/engine.ts";
import { pipelineProgram } from "./pipeline/program.ts";
import { networkProgram } from "./program.ts";
import type { Design } from "./simulate/design.ts";
import { engineSources } from "./sources.ts";

/** A design whose compiled simulation the package carries, under a file name. */
export interface ShippedDesign {
  readonly name: string;
  readonly design: Design;
}

/** Everything that is simulated from the packed package alone; a line more ships one more. */
export function shippedDesigns(): readonly ShippedDesign[] {
  return [
    { name: "engine", design: engineDesign(DEFAULT_PARAMETERS, engineSources()) },
    { name: "pipeline-mnist-mlp", design: pipelineFor("mnist-mlp") },
  ];
}

/** The streaming engine in its default shape as `circulant verify` simulates it for a shipped model. */
function pipelineFor(model: string): Design {
  const file = readFileSync(new URL(`../../models/${model}.safetensors`, import.meta.url));
  return benchDesign(pipelineProgram(networkProgram(readModel(file))), { trace: true });
}
