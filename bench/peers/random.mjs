/** Numbers of a fixed sequence, so that every run times the same data. */
export function sequence(seed) {
  let state = seed;
  /** Uniform in -1 .. 1. */
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  };
  return { next, reals: (length, range) => Float32Array.from({ length }, () => range * next()) };
}
