import { engineTarget } from "./engine.ts";
import type { Target } from "./target.ts";

/** The designs that are mutated. Another top module is a line here and a file with its vectors. */
export const TARGETS: readonly { readonly name: string; readonly make: () => Target }[] = [
  { name: "engine", make: () => engineTarget() },
];
