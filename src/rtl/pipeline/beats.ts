import { limbs32 } from "../simulate/design.ts";

/** Vectors as beats in limbs, the highest bit of a beat its tlast. */
export function beatsOf(words: Int16Array, vectorWords: number, beatWords: number): Uint32Array {
  const limbs = limbs32(16 * beatWords + 1);
  const perVector = Math.ceil(vectorWords / beatWords);
  const count = words.length / vectorWords;
  const beats = new Uint32Array(count * perVector * limbs);
  for (let vector = 0; vector < count; vector++) {
    for (let at = 0; at < vectorWords; at++) {
      const beat = vector * perVector + Math.floor(at / beatWords);
      const lane = at % beatWords;
      beats[beat * limbs + (lane >> 1)] |= (words[vector * vectorWords + at] & 0xffff) << (16 * (lane & 1));
    }
    const last = (vector + 1) * perVector - 1;
    const bit = 16 * beatWords;
    beats[last * limbs + (bit >> 5)] |= 1 << (bit & 31);
  }
  return beats;
}

/** Vectors from the beats of a stream. */
export function vectorsOf(limbs: Uint32Array, count: number, vectorWords: number, beatWords: number): Int16Array {
  const perBeat = limbs32(16 * beatWords);
  const perVector = Math.ceil(vectorWords / beatWords);
  return Int16Array.from({ length: count * vectorWords }, (_, i) => {
    const [vector, at] = [Math.floor(i / vectorWords), i % vectorWords];
    const lane = at % beatWords;
    const beat = vector * perVector + Math.floor(at / beatWords);
    return limbs[beat * perBeat + (lane >> 1)] >> (16 * (lane & 1));
  });
}
