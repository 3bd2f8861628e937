import type { OperationProfile, Profile } from "../runtime/profile.ts";
import { formatTable } from "./table.ts";

const BAR = 20;
const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** A profile as a table with a bar for each operation, and the sums under it. */
export function formatProfile(profile: Profile): string {
  const { operations, backend, runs, microseconds, operationMicroseconds } = profile;
  const most = Math.max(...operations.map(({ share }) => share));
  const rows = operations.map((operation, i) => [
    i + 1,
    operation.name,
    operation.op,
    formatShape(operation),
    operation.k ?? "",
    formatMicroseconds(operation.microseconds),
    `${(100 * operation.share).toFixed(1)} %`,
    bar(operation.share / most),
    operation.weightBytes || "",
    formatCount(operation.denseOperations),
    formatCount(operation.operations),
    formatRate(operation),
  ]);
  const head = ["", "operation", "op", "output", "k", "us", "share", "", "bytes", "dense ops", "ops", "dense GOPS"];
  return [
    formatTable(head, rows),
    `inference  ${formatMicroseconds(microseconds)} us as one call (${backend}, median of ${runs})`,
    `sum        ${formatMicroseconds(operationMicroseconds)} us of operations timed by themselves; it ${formatMissed(profile)}`,
    `dense GOPS ${formatRate(totalOf(profile)) || "-"} of the whole: two operations for each weight and window of the ` +
      "dense form, in the time of the inference",
    "",
  ].join("\n");
}

/** The dense-equivalent rate of a whole profile, and what it is of. */
export function totalOf({ operations, microseconds }: Profile) {
  const sum = (of: (operation: OperationProfile) => number) =>
    operations.reduce((total, operation) => total + of(operation), 0);
  const denseOperations = sum((operation) => operation.denseOperations);
  return {
    weightBytes: sum((operation) => operation.weightBytes),
    denseOperations,
    operations: sum((operation) => operation.operations),
    denseGops: denseOperations / microseconds / 1000,
  };
}

/** What the sum of the operations is to the inference as one call. */
export function formatMissed({ microseconds, missedMicroseconds: missed }: Profile): string {
  const size = `${formatMicroseconds(Math.abs(missed))} us, ${((100 * Math.abs(missed)) / microseconds).toFixed(1)} %`;
  return missed < 0 ? `is ${size}, more than the inference` : `misses ${size} of the inference`;
}

/** The sides of an operation's output; those of a vector are its words. */
export function formatShape({ shape: [height, width, channels] }: Pick<OperationProfile, "shape">): string {
  return height * width === 1 ? String(channels) : `${height} x ${width} x ${channels}`;
}

/** Three digits or more. */
export function formatMicroseconds(time: number): string {
  const size = Math.abs(time);
  return time.toFixed(size < 10 ? 2 : size < 100 ? 1 : 0);
}

/** 10^9 operations of the dense form a second, or nothing where there is none. */
export function formatRate({ denseOperations, denseGops }: Pick<OperationProfile, "denseOperations" | "denseGops">) {
  return denseOperations === 0 ? "" : denseGops.toFixed(denseGops < 10 ? 1 : 0);
}

/** A count with three digits and the letter of its power of a thousand. */
function formatCount(count: number): string {
  if (count === 0) return "";
  const power = Math.min(3, Math.floor(Math.log10(count) / 3));
  const scaled = count / 1000 ** power;
  return `${power === 0 ? scaled : scaled.toPrecision(3)}${["", " k", " M", " G"][power]}`;
}

function bar(part: number): string {
  const eighths = Math.round(8 * BAR * part);
  return "█".repeat(eighths >> 3) + EIGHTHS[eighths & 7];
}
