import { createRequire } from "node:module";
import { join } from "node:path";

/** Loads a package that is installed in a cache. */
export function load(cache, name) {
  return createRequire(join(cache, "package.json"))(name);
}

/** The version of an installed package. */
export function packageVersion(cache, name) {
  return load(cache, `./node_modules/${name}/package.json`).version;
}
