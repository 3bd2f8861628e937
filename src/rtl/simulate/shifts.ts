import { subtract } from "./arithmetic.ts";
import { type CellContext, maskTop, outputWidth } from "./evaluate.ts";
import { type Cell, flag, type Signal } from "./netlist.ts";
import type { Words } from "./signals.ts";
import type { Term, Terms } from "./terms.ts";

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

export function shiftLeft(cell: Cell, context: CellContext): Words {
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
export function shiftRight(cell: Cell, context: CellContext, arithmetic: boolean): Words {
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
export function shiftEither(cell: Cell, context: CellContext): Words {
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
