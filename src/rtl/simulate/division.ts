import { bothSigned, type CellContext, type Evaluate, outputWidth } from "./evaluate.ts";
import type { Cell } from "./netlist.ts";
import type { Term, Terms } from "./terms.ts";

/** Quotient and remainder of magnitudes, and which operands are negative. */
interface Division {
  readonly quotient: Term;
  readonly remainder: Term;
  readonly dividendNegative: Term;
  readonly divisor: Term;
  readonly signsDiffer: Term;
}

/** Widest operands and results. */
export const MOST_BITS = 64;

function divide(cell: Cell, { terms, signals }: CellContext): Division {
  const signed = bothSigned(cell);
  const [a, b] = [cell.connections.A, cell.connections.B].map((signal) => signals.wide(signal, signed));
  const sign = (word: Term) => (signed ? terms.shru(word, 63) : terms.zero);
  const magnitude = (word: Term) => terms.select(sign(word), negated(terms, word), word);
  const divisor = magnitude(b);
  const safe = terms.select(terms.eq(divisor, terms.zero), terms.one, divisor);
  return {
    quotient: terms.divu(magnitude(a), safe),
    remainder: terms.remu(magnitude(a), safe),
    dividendNegative: sign(a),
    divisor: b,
    signsDiffer: terms.xor(sign(a), sign(b)),
  };
}

function negated(terms: Terms, word: Term): Term {
  return terms.sub(terms.zero, word);
}

/** Division by zero, undefined in Verilog, gives 0. */
function result(cell: Cell, { terms }: CellContext, { divisor }: Division, value: Term): readonly Term[] {
  return [terms.mask(terms.select(terms.eq(divisor, terms.zero), terms.zero, value), outputWidth(cell))];
}

function signed(terms: Terms, negative: Term, word: Term): Term {
  return terms.select(negative, negated(terms, word), word);
}

/** Rounds towards zero. */
export const quotient: Evaluate = (cell, context) => {
  const division = divide(cell, context);
  return result(cell, context, division, signed(context.terms, division.signsDiffer, division.quotient));
};

/** Has the sign of the dividend. */
export const remainder: Evaluate = (cell, context) => {
  const division = divide(cell, context);
  return result(cell, context, division, signed(context.terms, division.dividendNegative, division.remainder));
};

/** Whether rounding towards zero is rounding up. */
function isAbove(terms: Terms, { signsDiffer, remainder }: Division): Term {
  return terms.and(signsDiffer, terms.not1(terms.eq(remainder, terms.zero)));
}

/** Rounds down. */
export const quotientFloor: Evaluate = (cell, context) => {
  const { terms } = context;
  const division = divide(cell, context);
  const towardsZero = signed(terms, division.signsDiffer, division.quotient);
  return result(cell, context, division, terms.sub(towardsZero, isAbove(terms, division)));
};

/** Has the sign of the divisor. */
export const remainderFloor: Evaluate = (cell, context) => {
  const { terms } = context;
  const division = divide(cell, context);
  const own = signed(terms, division.dividendNegative, division.remainder);
  const more = terms.select(isAbove(terms, division), division.divisor, terms.zero);
  return result(cell, context, division, terms.add(own, more));
};
