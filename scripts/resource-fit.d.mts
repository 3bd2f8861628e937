export function fitNonNegative(
  rows: readonly Readonly<Record<string, number>>[],
  targets: readonly number[],
  wholes?: readonly number[],
  pull?: number,
): Record<string, number>;
