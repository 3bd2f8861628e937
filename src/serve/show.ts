const MOST = 80;

/** A value of a request for a message: short whatever it is, and made without looking at all of it. */
export function show(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) {
    return value.length <= 8 && value.every(isPlain) ? `[${value.map(show)}]` : `an array of ${value.length}`;
  }
  if (typeof value === "object" && value !== null) return "an object";
  if (typeof value !== "string") return String(value);
  return value.length > MOST ? `${JSON.stringify(value.slice(0, MOST))}...` : JSON.stringify(value);
}

function isPlain(value: unknown): boolean {
  return typeof value !== "object" || value === null;
}
