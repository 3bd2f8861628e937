import type { Point } from "../report.ts";

export function nameOf({ blocks, bits }: Point): string {
  return `blocks ${blocks.join(", ")}; bits ${Object.values(bits).join(", ")}`;
}

export function count(value: number): string {
  return Math.round(value).toLocaleString("en");
}

export function round(value: number): string {
  return value < 100 ? value.toFixed(2) : count(value);
}

export function share(value: number): string {
  return `${(100 * value).toFixed(2)} %`;
}

export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

/** Blocks of memory may be halves. */
export function amount(value: number | undefined): string {
  return value === undefined ? "not told" : value.toLocaleString("en", { maximumFractionDigits: 1 });
}
