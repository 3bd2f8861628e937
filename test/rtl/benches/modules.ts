import { createRandom } from "../../contract/random.ts";
import type { ModuleBench } from "./bench.ts";
import { primitiveBenches } from "./primitives.ts";
import { productBenches } from "./products.ts";
import { storageBenches } from "./storage.ts";
import { unitBenches } from "./units.ts";
import { walkBenches } from "./walks.ts";

const random = createRandom(20261125);

/** Every module of rtl/ with several parameter sets, in groups that are simulated together. */
export const BENCHES: Readonly<Record<string, readonly ModuleBench[]>> = {
  primitives: primitiveBenches(random),
  storage: storageBenches(random),
  walks: walkBenches(random),
  units: unitBenches(random),
  products: productBenches(random),
};
