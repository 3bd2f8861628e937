import { OptionError } from "../errors.ts";

// Readers of the fields of a recipe: each checks a value and names the field if it does not hold.

export function record(value: unknown, name: string, fields: readonly string[]): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalid(name, "an object", value);
  for (const field of Object.keys(value)) {
    if (!fields.includes(field)) throw invalid(`${name}.${field}`, `one of ${fields.join(", ")}`, "an unknown field");
  }
  return value as Record<string, unknown>;
}

export function list(value: unknown, name: string): readonly unknown[] {
  if (!Array.isArray(value)) throw invalid(name, "an array", value);
  return value;
}

export function text(value: unknown, name: string): string {
  if (typeof value !== "string") throw invalid(name, "a string", value);
  return value;
}

export function flag(value: unknown, name: string): boolean {
  if (typeof value !== "boolean") throw invalid(name, "true or false", value);
  return value;
}

export function whole(value: unknown, name: string, least: number, most: number): number {
  if (!Number.isInteger(value)) throw invalid(name, `a whole number from ${least} to ${most}`, value);
  return real(value, name, least, most);
}

export function real(value: unknown, name: string, least: number, most: number): number {
  if (typeof value !== "number" || !(value >= least && value <= most)) {
    throw invalid(name, `a number from ${least} to ${most}`, value);
  }
  return value;
}

export function invalid(option: string, expected: string, got: unknown): OptionError {
  return new OptionError(`${option}: expected ${expected}, got ${JSON.stringify(got) ?? "nothing"}`, { option, got });
}
