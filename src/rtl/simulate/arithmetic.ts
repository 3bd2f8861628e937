import { bothSigned, type Evaluate, invert, maskTop, operands, outputWidth } from "./evaluate.ts";
import { flag, type Signal } from "./netlist.ts";
import type { Words } from "./signals.ts";
import type { Term, Terms } from "./terms.ts";

export function bitwise(operate: (terms: Terms, a: Term, b: Term) => Term): Evaluate {
  return (cell, context) => {
    const [a, b] = operands(cell, context);
    return maskTop(
      context.terms,
      a.map((word, i) => operate(context.terms, word, b[i])),
      outputWidth(cell),
    );
  };
}

/** a + b + carry, word by word. */
function addWords(terms: Terms, a: Words, b: Words, carryIn: Term): Words {
  let carry = carryIn;
  return a.map((word, i) => {
    const part = terms.add(word, b[i]);
    const sum = terms.add(part, carry);
    if (i + 1 < a.length) carry = terms.or(terms.ltu(part, word), terms.ltu(sum, part));
    return sum;
  });
}

export const add: Evaluate = (cell, context) => {
  const { terms } = context;
  const [a, b] = operands(cell, context);
  return maskTop(terms, addWords(terms, a, b, terms.zero), outputWidth(cell));
};

export function subtract(terms: Terms, a: Words, b: Words, width: number): Words {
  if (a.length === 1) return [terms.mask(terms.sub(a[0], b[0]), width)];
  const inverse = b.map((word) => invert(terms, word));
  return maskTop(terms, addWords(terms, a, inverse, terms.one), width);
}

/** The product modulo 2^width, by digits of 32 bits. */
function multiplyWords(terms: Terms, a: Words, b: Words, width: number): Words {
  const digits = (words: Words) => words.flatMap((word) => [terms.mask(word, 32), terms.shru(word, 32)]);
  const [p, q] = [digits(a), digits(b)];
  const result: Term[] = p.map(() => terms.zero);
  for (let i = 0; i < p.length; i++) {
    let carry = terms.zero;
    for (let j = 0; i + j < p.length; j++) {
      const sum = terms.add(terms.add(terms.mul(p[i], q[j]), result[i + j]), carry);
      result[i + j] = terms.mask(sum, 32);
      carry = terms.shru(sum, 32);
    }
  }
  return maskTop(
    terms,
    a.map((_, i) => terms.or(result[2 * i], terms.shl(result[2 * i + 1], 32))),
    width,
  );
}

export const multiply: Evaluate = (cell, context) => {
  const { terms, signals } = context;
  const { A, B } = cell.connections;
  const width = outputWidth(cell);
  const signed = bothSigned(cell);
  if (width <= 64) {
    const word = (signal: Signal) => signals.wide(signal.slice(0, width), signed);
    return [terms.mask(terms.mul(word(A), word(B)), width)];
  }
  const [a, b] = operands(cell, context);
  return multiplyWords(terms, a, b, width);
};

export const negate: Evaluate = (cell, { terms, signals }) => {
  const width = outputWidth(cell);
  const a = signals.extended(cell.connections.A, width, flag(cell, "A_SIGNED"));
  return subtract(
    terms,
    a.map(() => terms.zero),
    a,
    width,
  );
};

export const position: Evaluate = (cell, { signals }) =>
  signals.extended(cell.connections.A, outputWidth(cell), flag(cell, "A_SIGNED"));

export const not: Evaluate = (cell, context) => {
  const words = position(cell, context).map((word) => invert(context.terms, word));
  return maskTop(context.terms, words, outputWidth(cell));
};
