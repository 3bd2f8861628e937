/** True if `a` is no worse than `b` in any number and better in one; the less the better. */
export function dominates(a: readonly number[], b: readonly number[]): boolean {
  return a.every((value, i) => value <= b[i]) && a.some((value, i) => value < b[i]);
}

/** For each point the number of fronts before its own: 0 if no other dominates it. */
export function ranks(points: readonly (readonly number[])[]): readonly number[] {
  const rank = new Array<number>(points.length).fill(-1);
  for (let front = 0; rank.includes(-1); front++) {
    const open = [...points.keys()].filter((n) => rank[n] === -1);
    for (const n of open.filter((n) => !open.some((m) => dominates(points[m], points[n])))) rank[n] = front;
  }
  return rank;
}
