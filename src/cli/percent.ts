/** A share, 0 .. 1, as text; "-" for one that was not measured. */
export function percent(share: number | null): string {
  return share === null ? "-" : `${(100 * share).toFixed(2)} %`;
}
