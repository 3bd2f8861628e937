import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { SimulationError } from "../../errors.ts";

/** The packages that build simulations; this one does without them until they are needed. */
const BUILDERS = ["@yowasp/yosys", "binaryen"] as const;
export type OptionalPackage = (typeof BUILDERS)[number];

const require = createRequire(import.meta.url);
const MANIFEST = new URL("../../../package.json", import.meta.url);

/** The version of each optional package that this one was tested with. */
export function optionalVersions(): Readonly<Record<OptionalPackage, string>> {
  const { peerDependencies } = JSON.parse(readFileSync(MANIFEST, "utf8"));
  return Object.fromEntries(BUILDERS.map((name) => [name, peerDependencies[name]])) as Record<OptionalPackage, string>;
}

/**
 * The file that an optional package is imported from.
 *
 * @throws SimulationError with the command that installs it if it is absent
 */
export function resolveOptional(name: OptionalPackage): string {
  try {
    return require.resolve(name);
  } catch {
    const versions = Object.entries(optionalVersions());
    const remedy = `npm install ${versions.map(([name, version]) => `${name}@${version}`).join(" ")}`;
    throw new SimulationError(
      `${name}: expected the package, for no simulation of this design is shipped, got none; ${remedy}`,
      { package: name, remedy },
    );
  }
}
