import { SimulationError } from "../../errors.ts";

/**
 * The signals that a request for waveforms names.
 *
 * @param scopes hierarchical names of scopes and signals, with or without the top module; all if not given
 * @throws SimulationError for a name that is neither
 */
export function selectNets<N extends { readonly path: string }>(
  top: string,
  nets: readonly N[],
  scopes: readonly string[] | undefined,
): readonly N[] {
  const names = scopes?.map((name) => (name.startsWith(`${top}.`) ? name.slice(top.length + 1) : name));
  if (names === undefined || names.includes(top)) return nets;
  const isIn = (path: string, name: string) => path === name || path.startsWith(`${name}.`);
  const unknown = names.find((name) => !nets.some(({ path }) => isIn(path, name)));
  if (unknown !== undefined) {
    const known = scopesNear(nets, unknown);
    throw new SimulationError(`scope ${unknown}: expected a scope or signal of ${top}, as ${known.join(", ")}`, {
      scope: unknown,
      known,
    });
  }
  return nets.filter(({ path }) => names.some((name) => isIn(path, name)));
}

/** What stands in the deepest scope of the name that is there. */
function scopesNear(nets: readonly { readonly path: string }[], name: string): readonly string[] {
  const parts = name.split(".");
  for (let depth = parts.length - 1; depth >= 0; depth--) {
    const prefix = parts.slice(0, depth).map((part) => `${part}.`);
    const below = nets.filter(({ path }) => path.startsWith(prefix.join("")));
    const names = below.map(({ path }) =>
      path
        .split(".")
        .slice(0, depth + 1)
        .join("."),
    );
    if (names.length > 0) return [...new Set(names)].slice(0, 12);
  }
  return [];
}
