import { bothSigned, type CellContext, condition, type Evaluate } from "./evaluate.ts";
import type { Cell, Signal } from "./netlist.ts";
import { bitsOfWord } from "./signals.ts";
import type { Term, Terms } from "./terms.ts";

/** 1 where some bit is set. */
export function any({ terms, signals }: CellContext, signal: Signal): Term {
  const words = signals.words(signal);
  const all = words.reduce((a, b) => terms.or(a, b), terms.zero);
  return terms.not1(terms.eq(all, terms.zero));
}

export function every({ terms, signals }: CellContext, signal: Signal): Term {
  return signals
    .words(signal)
    .map((word, i) => terms.eq(word, terms.constant((1n << BigInt(bitsOfWord(signal.length, i))) - 1n)))
    .reduce((a, b) => terms.and(a, b), terms.one);
}

export function parity({ terms, signals }: CellContext, signal: Signal): Term {
  const all = signals.words(signal).reduce((a, b) => terms.xor(a, b), terms.zero);
  return terms.mask(terms.popcnt(all), 1);
}

export function reduce(operate: (context: CellContext, signal: Signal) => Term): Evaluate {
  return (cell, context) => condition(cell, context, operate(context, cell.connections.A));
}

export function logic(operate: (terms: Terms, a: Term, b: Term) => Term): Evaluate {
  return (cell, context) => {
    const [a, b] = [any(context, cell.connections.A), any(context, cell.connections.B)];
    return condition(cell, context, operate(context.terms, a, b));
  };
}

export function equal(cell: Cell, { terms, signals }: CellContext): Term {
  const { A, B } = cell.connections;
  const width = Math.max(A.length, B.length);
  const signed = bothSigned(cell);
  const b = signals.extended(B, width, signed);
  return signals
    .extended(A, width, signed)
    .map((word, i) => terms.eq(word, b[i]))
    .reduce((x, y) => terms.and(x, y), terms.one);
}

export function less({ terms, signals }: CellContext, a: Signal, b: Signal, signed: boolean): Term {
  const width = Math.max(a.length, b.length);
  if (width <= 64) {
    const [x, y] = [signals.wide(a, signed), signals.wide(b, signed)];
    return signed ? terms.lts(x, y) : terms.ltu(x, y);
  }
  const whole = (width + 63) & ~63;
  const [x, y] = [signals.extended(a, whole, signed), signals.extended(b, whole, signed)];
  let result = terms.zero;
  x.forEach((word, i) => {
    const compare = signed && i === x.length - 1 ? terms.lts(word, y[i]) : terms.ltu(word, y[i]);
    result = terms.or(compare, terms.and(terms.eq(word, y[i]), result));
  });
  return result;
}

export function compare(operate: (context: CellContext, a: Signal, b: Signal, signed: boolean) => Term): Evaluate {
  return (cell, context) =>
    condition(cell, context, operate(context, cell.connections.A, cell.connections.B, bothSigned(cell)));
}
