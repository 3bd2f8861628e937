/** mulberry32: a fixed sequence of 32-bit integers for a seed, the same on every engine. */
export function createRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
}

/** Random int16, those at the ends as frequent as all others together. */
export function randomWords(length: number, random: () => number): Int16Array {
  const ends = [-32768, -32767, -1, 0, 1, 32766, 32767];
  return Int16Array.from({ length }, () =>
    random() % 2 === 0 ? ends[random() % ends.length] : (random() << 16) >> 16,
  );
}
