/** The first field in which two pieces of JSON data differ, named as in `layers[2].k`, and what stands there. */
export interface Difference {
  readonly field: string;
  readonly expected: string;
  readonly got: string;
}

/** Compares recipes, or parts of them, in the order of their fields; undefined if they are equal. */
export function firstDifference(expected: unknown, got: unknown, field = ""): Difference | undefined {
  if (Object.is(expected, got)) return undefined;
  if (!isTree(expected) || !isTree(got) || Array.isArray(expected) !== Array.isArray(got)) {
    return { field, expected: shown(expected), got: shown(got) };
  }
  for (const key of new Set([...Object.keys(expected), ...Object.keys(got)])) {
    const inner = Array.isArray(expected) ? `${field}[${key}]` : field === "" ? key : `${field}.${key}`;
    const found = firstDifference(expected[key], got[key], inner);
    if (found) return found;
  }
  return undefined;
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length <= 100 ? text : `${text.slice(0, 100)}...`;
}
