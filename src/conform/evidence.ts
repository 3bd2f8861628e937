/** How well words explain a dump. */
export interface Evidence {
  /** Words that could be compared, and those that are equal. */
  readonly compared: number;
  readonly equal: number;
  /** Of the words that differ from the reference: those that are equal now. Words that were right and are wrong now. */
  readonly explained: number;
  readonly broken: number;
  /** log2 of how much more likely the dump is than under the reference with an unknown fault. */
  readonly bits: number;
}

/** Weighs words against the reference. Words that a convention does not tell are NaN. */
export type Scale = (words: Float64Array) => Evidence;

/**
 * A scale for a dump. The dump's words are the expected ones but for a share of faults; a faulty word is one near the
 * right one, one that is usual in this dump, or any of a size that is usual in it: a third of them each. All tell how likely a word is whichever
 * words are expected, so that words which agree by chance (many zeros, errors of one) weigh next to nothing. Under the
 * reference with unknown faults, more than b bits for a given convention come with a probability of at most 2^-b.
 *
 * @param dump      the words as they came
 * @param reference the words that are right, NaN where there is none
 */
export function evidenceScale(dump: Float64Array, reference: Float64Array): Scale {
  const count = dump.length;
  const seen = new Map<number, number>();
  const sizes = new Map<number, number>();
  for (const word of dump) {
    seen.set(word, (seen.get(word) ?? 0) + 1);
    sizes.set(sizeOf(word), (sizes.get(sizeOf(word)) ?? 0) + 1);
  }
  const faulty = Float64Array.from(dump, (word, i) => {
    const distance = Math.abs(word - reference[i]);
    const near = distance > 0 ? 1 / (2 * distance * (distance + 1)) : 0;
    const usual = ((seen.get(word) ?? 1) - 1) / count;
    const size = sizeOf(word);
    const sized = (sizes.get(size) ?? 1) / count / 2 ** Math.max(0, Math.abs(size) - 1);
    return (near + usual + sized) / 3;
  });
  let right = 0;
  for (let i = 0; i < count; i++) if (dump[i] === reference[i]) right++;
  const faults = (count - right + 1) / (count + 2);
  const before = Float64Array.from(dump, (word, i) =>
    Math.log2((word === reference[i] ? 1 - faults : 0) + faults * faulty[i]),
  );
  return (words) => {
    let [compared, equal, explained, broken] = [0, 0, 0, 0];
    for (let i = 0; i < count; i++) {
      if (Number.isNaN(words[i] ?? Number.NaN)) continue;
      compared++;
      const isRight = dump[i] === reference[i];
      if (words[i] === dump[i]) {
        equal++;
        if (!isRight) explained++;
      } else if (isRight) broken++;
    }
    const left = (compared - equal + 1) / (compared + 2);
    let weight = 0;
    for (let i = 0; i < count; i++) {
      if (Number.isNaN(words[i] ?? Number.NaN)) continue;
      weight += Math.log2((words[i] === dump[i] ? 1 - left : 0) + left * faulty[i]) - before[i];
    }
    return { compared, equal, explained, broken, bits: weight };
  };
}

/** Bits of a magnitude, negative for a negative word: 2^(size - 1) words share one. */
function sizeOf(word: number): number {
  return word === 0 ? 0 : Math.sign(word) * (Math.floor(Math.log2(Math.abs(word))) + 1);
}
