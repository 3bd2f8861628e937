import { readFileSync } from "node:fs";

/** A simulation that the package carries: a file of the folder, beside its list. */
export interface ShippedSimulation {
  readonly name: string;
  readonly file: string;
  /** That of the design and the simulator that it was made by. */
  readonly digest: string;
  readonly bytes: number;
}

/** Made by the build; absent where the sources run as they are. */
const FOLDER = new URL("../../simulations/", import.meta.url);
export const LIST = "simulations.json";

let list: readonly ShippedSimulation[] | undefined;

/** The compiled simulation of a digest, if the package carries it. */
export function findShipped(digest: string): Uint8Array | undefined {
  list ??= readList();
  const found = list.find((entry) => entry.digest === digest);
  return found && readFileSync(new URL(found.file, FOLDER));
}

function readList(): readonly ShippedSimulation[] {
  try {
    return JSON.parse(readFileSync(new URL(LIST, FOLDER), "utf8"));
  } catch {
    return [];
  }
}
