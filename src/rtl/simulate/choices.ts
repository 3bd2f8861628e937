import { type CellContext, type Evaluate, outputWidth } from "./evaluate.ts";
import type { Signal } from "./netlist.ts";
import type { Words } from "./signals.ts";
import type { Term } from "./terms.ts";

function isUndefined(signal: Signal): boolean {
  return signal.every((bit) => bit === "x");
}

export function selectWords({ terms }: CellContext, condition: Term, a: Words, b: Words): Words {
  return a.map((word, i) => terms.select(condition, word, b[i]));
}

/** An undefined side is never taken, so that the other needs no choice. */
export const mux: Evaluate = (cell, context) => {
  const { A, B, S } = cell.connections;
  const { signals } = context;
  if (isUndefined(A)) return signals.words(B);
  if (isUndefined(B)) return signals.words(A);
  return selectWords(context, signals.words(S)[0], signals.words(B), signals.words(A));
};

export const parallelMux: Evaluate = (cell, context) => {
  const { A, B, S } = cell.connections;
  const { signals } = context;
  let result: Words | undefined = isUndefined(A) ? undefined : signals.words(A);
  S.forEach((bit, i) => {
    const choice = signals.words(B.slice(i * A.length, (i + 1) * A.length));
    result = result === undefined ? choice : selectWords(context, signals.words([bit])[0], choice, result);
  });
  return result ?? signals.words(A);
};

export const binaryMux: Evaluate = (cell, context) => {
  const { A, S } = cell.connections;
  const { signals } = context;
  const width = outputWidth(cell);
  let level = Array.from({ length: 1 << S.length }, (_, i) => signals.words(A.slice(i * width, (i + 1) * width)));
  for (const bit of S) {
    const choose = signals.words([bit])[0];
    level = level.filter((_, i) => i % 2 === 0).map((low, i) => selectWords(context, choose, level[2 * i + 1], low));
  }
  return level[0];
};

/** Signals put side by side, the first at the low end. */
function concatenate({ terms }: CellContext, parts: readonly Words[], width: number): Words {
  const words: Term[] = Array.from({ length: (parts.length * width + 63) >> 6 }, () => terms.zero);
  parts.forEach((part, i) => {
    part.forEach((word, j) => {
      const at = i * width + 64 * j;
      const index = at >> 6;
      words[index] = terms.or(words[index], terms.shl(word, at & 63));
      if ((at & 63) > 0 && index + 1 < words.length) {
        words[index + 1] = terms.or(words[index + 1], terms.shru(word, 64 - (at & 63)));
      }
    });
  });
  return words;
}

export const demux: Evaluate = (cell, context) => {
  const { A, S } = cell.connections;
  const { terms, signals } = context;
  const a = signals.words(A);
  const none = a.map(() => terms.zero);
  const index = signals.words(S)[0] ?? terms.zero;
  const parts = Array.from({ length: 1 << S.length }, (_, i) =>
    selectWords(context, terms.eq(index, terms.constant(BigInt(i))), a, none),
  );
  return concatenate(context, parts, A.length);
};

export const bitwiseMux: Evaluate = (cell, { terms, signals }) => {
  const [a, b, s] = [cell.connections.A, cell.connections.B, cell.connections.S].map((x) => signals.words(x));
  return a.map((word, i) => terms.xor(word, terms.and(terms.xor(word, b[i]), s[i])));
};
