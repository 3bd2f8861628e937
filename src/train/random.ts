/** A stream of numbers in [0, 1). */
export type Random = () => number;

/**
 * The random stream of one use, named by the seed and up to three counters: sfc32 (Doty-Humphrey, PractRand).
 * Nothing is carried from one use to the next, so the state of a run is its seed and its place.
 */
export function stream(seed: number, ...name: readonly number[]): Random {
  let a = seed | 0;
  let b = (name[0] ?? 0) | 0;
  let c = (name[1] ?? 0) | 0;
  let counter = ((name[2] ?? 0) * 0x9e3779b1 + 1) | 0;
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let round = 0; round < 15; round++) next();
  return () => next() / 4294967296;
}

/** A normal deviate of mean 0 and deviation 1 (Box and Muller). */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** The numbers 0 .. count - 1 in random order (Fisher and Yates). */
export function permutation(count: number, random: Random): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const kept = order[last];
    order[last] = order[other];
    order[other] = kept;
  }
  return order;
}
