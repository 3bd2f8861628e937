import { SimulationError } from "../../errors.ts";
import { type Cell, flag, type Signal } from "./netlist.ts";
import { bitsOfWord, type Signals, type Words } from "./signals.ts";
import type { Term, Terms } from "./terms.ts";

/** What the evaluation of a cell needs. */
export interface CellContext {
  readonly terms: Terms;
  readonly signals: Signals;
  /** Reserves zeroed bytes of linear memory and gives their address. */
  readonly scratch: (bytes: number) => number;
}

/** Computes the words of the output Y of a combinational cell. */
type Evaluate = (cell: Cell, context: CellContext) => Words;

function bothSigned(cell: Cell): boolean {
  return flag(cell, "A_SIGNED") && flag(cell, "B_SIGNED");
}

function outputWidth(cell: Cell): number {
  return cell.connections.Y.length;
}

/** A condition as the Y of a cell, whose upper bits are 0. */
function condition(cell: Cell, { terms }: CellContext, term: Term): Words {
  const words = [term];
  while (words.length * 64 < outputWidth(cell)) words.push(terms.zero);
  return words;
}

/** Operands A and B extended to the width of Y. */
function operands(cell: Cell, { signals }: CellContext): readonly [Words, Words] {
  const { A, B } = cell.connections;
  const signed = bothSigned(cell);
  return [signals.extended(A, outputWidth(cell), signed), signals.extended(B, outputWidth(cell), signed)];
}

function maskTop(terms: Terms, words: Words, width: number): Words {
  return words.map((word, i) => terms.mask(word, bitsOfWord(width, i)));
}

function bitwise(operate: (terms: Terms, a: Term, b: Term) => Term): Evaluate {
  return (cell, context) => {
    const [a, b] = operands(cell, context);
    return maskTop(
      context.terms,
      a.map((word, i) => operate(context.terms, word, b[i])),
      outputWidth(cell),
    );
  };
}

function invert(terms: Terms, word: Term): Term {
  return terms.xor(word, terms.constant(-1n));
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

const add: Evaluate = (cell, context) => {
  const { terms } = context;
  const [a, b] = operands(cell, context);
  return maskTop(terms, addWords(terms, a, b, terms.zero), outputWidth(cell));
};

function subtract(terms: Terms, a: Words, b: Words, width: number): Words {
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

const multiply: Evaluate = (cell, context) => {
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

const negate: Evaluate = (cell, { terms, signals }) => {
  const width = outputWidth(cell);
  const a = signals.extended(cell.connections.A, width, flag(cell, "A_SIGNED"));
  return subtract(
    terms,
    a.map(() => terms.zero),
    a,
    width,
  );
};

const position: Evaluate = (cell, { signals }) =>
  signals.extended(cell.connections.A, outputWidth(cell), flag(cell, "A_SIGNED"));

const not: Evaluate = (cell, context) => {
  const words = position(cell, context).map((word) => invert(context.terms, word));
  return maskTop(context.terms, words, outputWidth(cell));
};

/** 1 where some bit is set. */
function any({ terms, signals }: CellContext, signal: Signal): Term {
  const words = signals.words(signal);
  const all = words.reduce((a, b) => terms.or(a, b), terms.zero);
  return terms.not1(terms.eq(all, terms.zero));
}

function every({ terms, signals }: CellContext, signal: Signal): Term {
  return signals
    .words(signal)
    .map((word, i) => terms.eq(word, terms.constant((1n << BigInt(bitsOfWord(signal.length, i))) - 1n)))
    .reduce((a, b) => terms.and(a, b), terms.one);
}

function parity({ terms, signals }: CellContext, signal: Signal): Term {
  const all = signals.words(signal).reduce((a, b) => terms.xor(a, b), terms.zero);
  return terms.mask(terms.popcnt(all), 1);
}

function reduce(operate: (context: CellContext, signal: Signal) => Term): Evaluate {
  return (cell, context) => condition(cell, context, operate(context, cell.connections.A));
}

function logic(operate: (terms: Terms, a: Term, b: Term) => Term): Evaluate {
  return (cell, context) => {
    const [a, b] = [any(context, cell.connections.A), any(context, cell.connections.B)];
    return condition(cell, context, operate(context.terms, a, b));
  };
}

function equal(cell: Cell, { terms, signals }: CellContext): Term {
  const { A, B } = cell.connections;
  const width = Math.max(A.length, B.length);
  const signed = bothSigned(cell);
  const b = signals.extended(B, width, signed);
  return signals
    .extended(A, width, signed)
    .map((word, i) => terms.eq(word, b[i]))
    .reduce((x, y) => terms.and(x, y), terms.one);
}

function less({ terms, signals }: CellContext, a: Signal, b: Signal, signed: boolean): Term {
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

function compare(operate: (context: CellContext, a: Signal, b: Signal, signed: boolean) => Term): Evaluate {
  return (cell, context) =>
    condition(cell, context, operate(context, cell.connections.A, cell.connections.B, bothSigned(cell)));
}

/** A shift amount: its low bits, and whether it is 2^7 or more (then everything is shifted out of a word). */
function clamp({ terms, signals }: CellContext, amount: Signal, most: number): Term {
  const words = signals.words(amount);
  const low = words[0] ?? terms.zero;
  const limit = terms.constant(BigInt(most));
  const high = words.slice(1).reduce((a, b) => terms.or(a, b), terms.zero);
  const small =
    low.bound <= 63 && 1n << BigInt(low.bound) <= BigInt(most) ? low : terms.select(terms.ltu(limit, low), limit, low);
  return terms.select(terms.eq(high, terms.zero), small, limit);
}

/** `shift` of a word by an amount that may be 64 or more: then 0. */
function guarded(terms: Terms, amount: Term, shift: (by: Term) => Term): Term {
  if (amount.bound <= 6) return shift(amount);
  return terms.select(terms.ltu(amount, terms.constant(64n)), shift(terms.mask(amount, 6)), terms.zero);
}

/**
 * Shifts words right by a signed amount of at least -lower and at most upper bits. They are written to linear memory
 * between fills and read back from the place that the amount points to.
 */
function shiftWords(
  { terms, scratch }: CellContext,
  words: Words,
  amount: Term,
  fill: Term,
  range: { readonly lower: number; readonly upper: number },
  width: number,
): Words {
  const count = (width + 63) >> 6;
  const below = (range.lower + 63) >> 6;
  const above = Math.max(0, ((range.upper + 63) >> 6) + count + 1 - words.length);
  const base = scratch(8 * (below + words.length + above));
  const filled = [...words, ...Array.from({ length: fill === terms.zero ? 0 : above }, () => fill)];
  const start = terms.spill(filled, base + 8 * below);
  const origin = terms.add(start, terms.constant(BigInt(base + 8 * below)));
  const at = terms.add(origin, terms.shl(terms.shrs(amount, 6), 3));
  const by = terms.mask(amount, 6);
  const rest = terms.sub(terms.constant(63n), by);
  const word = (i: number) => terms.load(at, 8 * i, 8, 64);
  return maskTop(
    terms,
    Array.from({ length: count }, (_, i) =>
      terms.or(terms.shru(word(i), by), terms.shl(terms.shl(word(i + 1), 1), rest)),
    ),
    width,
  );
}

function shiftLeft(cell: Cell, context: CellContext): Words {
  const { terms, signals } = context;
  const { A, B } = cell.connections;
  const width = outputWidth(cell);
  const a = signals.extended(A, width, flag(cell, "A_SIGNED"));
  const amount = clamp(context, B, (width + 63) & ~63);
  if (width <= 64)
    return [
      terms.mask(
        guarded(terms, amount, (by) => terms.shl(a[0], by)),
        width,
      ),
    ];
  if (amount.op === "const") return constantShift(context, a, -Number(amount.imm), terms.zero, width);
  const lower = (width + 63) & ~63;
  return shiftWords(context, a, terms.sub(terms.zero, amount), terms.zero, { lower, upper: 0 }, width);
}

/** Words shifted right by a constant, left if it is negative. */
function constantShift({ terms }: CellContext, words: Words, amount: number, fill: Term, width: number): Words {
  const skip = Math.floor(amount / 64);
  const by = amount & 63;
  const word = (i: number) => (i < 0 ? terms.zero : (words[i] ?? fill));
  return maskTop(
    terms,
    Array.from({ length: (width + 63) >> 6 }, (_, i) =>
      by === 0 ? word(i + skip) : terms.or(terms.shru(word(i + skip), by), terms.shl(word(i + skip + 1), 64 - by)),
    ),
    width,
  );
}

/** Logical or arithmetic shift right of A, extended to at least the width of Y, by the unsigned B. */
function shiftRight(cell: Cell, context: CellContext, arithmetic: boolean): Words {
  const { terms, signals } = context;
  const { A, B } = cell.connections;
  const width = outputWidth(cell);
  const signed = flag(cell, "A_SIGNED");
  const span = Math.max(width, A.length);
  if (span <= 64) {
    if (arithmetic && signed) {
      const amount = clamp(context, B, 63);
      return [terms.mask(terms.shrs(signals.wide(A, true), amount), width)];
    }
    const a = signals.extended(A, span, signed)[0];
    const amount = clamp(context, B, 64);
    return [
      terms.mask(
        guarded(terms, amount, (by) => terms.shru(a, by)),
        width,
      ),
    ];
  }
  const whole = (span + 63) & ~63;
  const sign = arithmetic && signed;
  const a = signals.extended(A, sign ? whole : span, signed);
  const fill = sign ? terms.shrs(a[a.length - 1], 63) : terms.zero;
  const amount = clamp(context, B, whole);
  if (amount.op === "const") return constantShift(context, a, Number(amount.imm), fill, width);
  return shiftWords(context, a, amount, fill, { lower: 0, upper: whole }, width);
}

/** Shift of A right by B, or left by -B where B is signed and negative; bits from outside A are 0. */
function shiftEither(cell: Cell, context: CellContext): Words {
  const { terms, signals } = context;
  const { A, B } = cell.connections;
  const width = outputWidth(cell);
  const extend = cell.type === "$shift" && flag(cell, "A_SIGNED");
  const span = extend ? Math.max(width, A.length) : A.length;
  const a = signals.extended(A, span, extend);
  const upper = (Math.max(span, width) + 63) & ~63;
  if (!flag(cell, "B_SIGNED")) {
    const amount = clamp(context, B, upper);
    if (Math.max(span, width) <= 64) {
      return [
        terms.mask(
          guarded(terms, amount, (by) => terms.shru(a[0] ?? terms.zero, by)),
          width,
        ),
      ];
    }
    if (amount.op === "const") return constantShift(context, a, Number(amount.imm), terms.zero, width);
    return shiftWords(context, a, amount, terms.zero, { lower: 0, upper }, width);
  }
  const bits = B.slice(0, -1);
  const negative = signals.words(B.slice(-1))[0];
  const right = clamp(context, bits, upper);
  const lower = (width + 63) & ~63;
  const complement = signals.extended(B, (B.length + 63) & ~63, true);
  const magnitude = subtract(
    terms,
    complement.map(() => terms.zero),
    complement,
    complement.length * 64,
  );
  const high = magnitude.slice(1).reduce((x, y) => terms.or(x, y), terms.zero);
  const most = terms.constant(BigInt(lower));
  const fits = terms.and(terms.eq(high, terms.zero), terms.ltu(magnitude[0], most));
  const left = terms.select(fits, magnitude[0], most);
  const amount = terms.select(negative, terms.sub(terms.zero, left), right);
  if (amount.op === "const") {
    return constantShift(context, a, Number(BigInt.asIntN(64, amount.imm)), terms.zero, width);
  }
  return shiftWords(context, a, amount, terms.zero, { lower, upper }, width);
}

function isUndefined(signal: Signal): boolean {
  return signal.every((bit) => bit === "x");
}

function selectWords({ terms }: CellContext, condition: Term, a: Words, b: Words): Words {
  return a.map((word, i) => terms.select(condition, word, b[i]));
}

/** An undefined side is never taken, so that the other needs no choice. */
const mux: Evaluate = (cell, context) => {
  const { A, B, S } = cell.connections;
  const { signals } = context;
  if (isUndefined(A)) return signals.words(B);
  if (isUndefined(B)) return signals.words(A);
  return selectWords(context, signals.words(S)[0], signals.words(B), signals.words(A));
};

const parallelMux: Evaluate = (cell, context) => {
  const { A, B, S } = cell.connections;
  const { signals } = context;
  let result: Words | undefined = isUndefined(A) ? undefined : signals.words(A);
  S.forEach((bit, i) => {
    const choice = signals.words(B.slice(i * A.length, (i + 1) * A.length));
    result = result === undefined ? choice : selectWords(context, signals.words([bit])[0], choice, result);
  });
  return result ?? signals.words(A);
};

const binaryMux: Evaluate = (cell, context) => {
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

const demux: Evaluate = (cell, context) => {
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

const bitwiseMux: Evaluate = (cell, { terms, signals }) => {
  const [a, b, s] = [cell.connections.A, cell.connections.B, cell.connections.S].map((x) => signals.words(x));
  return a.map((word, i) => terms.xor(word, terms.and(terms.xor(word, b[i]), s[i])));
};

const lookup: Evaluate = (cell, { terms, signals }) => {
  if (cell.connections.A.length > 6) throw unsupported(cell, "a table of at most 6 inputs");
  const table = BigInt(`0b0${cell.parameters.LUT.replace(/[xz]/g, "0")}`);
  return [terms.mask(terms.shru(terms.constant(table), signals.words(cell.connections.A)[0]), 1)];
};

const CELLS: Readonly<Record<string, Evaluate>> = {
  $add: add,
  $sub: (cell, context) => {
    const [a, b] = operands(cell, context);
    return subtract(context.terms, a, b, outputWidth(cell));
  },
  $mul: multiply,
  $neg: negate,
  $pos: position,
  $buf: position,
  $not: not,
  $and: bitwise((terms, a, b) => terms.and(a, b)),
  $or: bitwise((terms, a, b) => terms.or(a, b)),
  $xor: bitwise((terms, a, b) => terms.xor(a, b)),
  $xnor: bitwise((terms, a, b) => invert(terms, terms.xor(a, b))),
  $bweqx: bitwise((terms, a, b) => invert(terms, terms.xor(a, b))),
  $reduce_and: reduce(every),
  $reduce_or: reduce(any),
  $reduce_bool: reduce(any),
  $reduce_xor: reduce(parity),
  $reduce_xnor: reduce((context, signal) => context.terms.not1(parity(context, signal))),
  $logic_not: reduce((context, signal) => context.terms.not1(any(context, signal))),
  $logic_and: logic((terms, a, b) => terms.and(a, b)),
  $logic_or: logic((terms, a, b) => terms.or(a, b)),
  $eq: (cell, context) => condition(cell, context, equal(cell, context)),
  $eqx: (cell, context) => condition(cell, context, equal(cell, context)),
  $ne: (cell, context) => condition(cell, context, context.terms.not1(equal(cell, context))),
  $nex: (cell, context) => condition(cell, context, context.terms.not1(equal(cell, context))),
  $lt: compare((context, a, b, signed) => less(context, a, b, signed)),
  $gt: compare((context, a, b, signed) => less(context, b, a, signed)),
  $ge: compare((context, a, b, signed) => context.terms.not1(less(context, a, b, signed))),
  $le: compare((context, a, b, signed) => context.terms.not1(less(context, b, a, signed))),
  $shl: shiftLeft,
  $sshl: shiftLeft,
  $shr: (cell, context) => shiftRight(cell, context, false),
  $sshr: (cell, context) => shiftRight(cell, context, true),
  $shift: shiftEither,
  $shiftx: shiftEither,
  $mux: mux,
  $pmux: parallelMux,
  $bmux: binaryMux,
  $demux: demux,
  $bwmux: bitwiseMux,
  $lut: lookup,
};

/** Types of registers that {@link registerUpdate} knows. */
export const REGISTERS = new Set(["$dff", "$dffe", "$sdff", "$sdffe", "$sdffce"]);

/** Types of combinational cells that {@link evaluateCell} knows. */
export const COMBINATIONAL: ReadonlySet<string> = new Set(Object.keys(CELLS));

const REASONS: readonly (readonly [RegExp, string])[] = [
  [/^\$(adff|adffe|aldff|aldffe|dffsr|dffsre|sr)$/, "registers without asynchronous set or reset"],
  [/latch/, "no latches (an always @* that does not assign in every branch makes one)"],
  [/^\$(div|mod|divfloor|modfloor|pow)$/, "no division, remainder or power of signals"],
  [/^\$(check|assert|assume|cover|live|fair)$/, "no assertions"],
  [/^\$tribuf$/, "no tristate drivers"],
];

export function unsupported(cell: Cell, expected?: string): SimulationError {
  const reason = expected ?? REASONS.find(([pattern]) => pattern.test(cell.type))?.[1] ?? "a word-level cell";
  return new SimulationError(`cell ${cell.name}: expected ${reason}, got ${cell.type}`, {
    simulator: "wasm",
    cell: cell.name,
    type: cell.type,
  });
}

/** The output words of a combinational cell whose inputs are defined. */
export function evaluateCell(cell: Cell, context: CellContext): Words {
  return CELLS[cell.type](cell, context);
}

function bitConstant(terms: Terms, text: string): Words {
  const words: Term[] = [];
  for (let end = text.length; end > 0; end -= 64) {
    const digits = text.slice(Math.max(0, end - 64), end).replace(/[xz]/g, "0");
    words.push(terms.constant(BigInt(`0b${digits}`)));
  }
  return words;
}

/** What a register holds after the clock edge, given its words before. */
export function registerUpdate(cell: Cell, context: CellContext, before: Words): Words {
  const { terms, signals } = context;
  const control = (port: string) => {
    const term = signals.words(cell.connections[port])[0];
    return flag(cell, `${port}_POLARITY`) ? term : terms.not1(term);
  };
  const enable = (next: Words) => selectWords(context, control("EN"), next, before);
  const reset = (next: Words) =>
    selectWords(context, control("SRST"), bitConstant(terms, cell.parameters.SRST_VALUE), next);
  const data = signals.words(cell.connections.D);
  if (cell.type === "$dffe") return enable(data);
  if (cell.type === "$sdff") return reset(data);
  if (cell.type === "$sdffe") return reset(enable(data));
  if (cell.type === "$sdffce") return enable(reset(data));
  return data;
}
