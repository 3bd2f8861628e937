import { engineTarget } from "./engine.ts";
import { pipelineTarget } from "./pipeline.ts";
import { pipelineAxiTarget } from "./pipeline-axi.ts";
import type { Target } from "./target.ts";

/** The designs that are mutated. Another top module is a line here and a file with its vectors. */
export const TARGETS: readonly { readonly name: string; readonly make: () => Target }[] = [
  { name: "engine", make: () => engineTarget() },
  { name: "pipeline", make: () => pipelineTarget() },
  { name: "pipeline-axi", make: () => pipelineAxiTarget() },
];
