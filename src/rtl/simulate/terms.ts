/**
 * Operations on 64-bit words. `load` reads linear memory at its argument plus `imm` (`bytes` wide, zero-extended),
 * `spill` writes its arguments to linear memory at `imm` and is worth 0, so that a `load` can index them at run time.
 */
export type Op =
  | "const"
  | "add"
  | "sub"
  | "mul"
  | "divu"
  | "remu"
  | "and"
  | "or"
  | "xor"
  | "shl"
  | "shru"
  | "shrs"
  | "extend"
  | "eq"
  | "ltu"
  | "lts"
  | "popcnt"
  | "select"
  | "load"
  | "spill";

/** One operation of the graph. A term's arguments are older than itself, so that the list is in order of evaluation. */
export interface Term {
  readonly id: number;
  readonly op: Op;
  readonly args: readonly Term[];
  /** The value of a `const`; index, address or width of other operations. */
  readonly imm: bigint;
  /** Bytes of a `load`. */
  readonly bytes: number;
  /** The value is below 2^bound. */
  readonly bound: number;
}

const ALL = (1n << 64n) - 1n;

function bitLength(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length;
}

/** The number n when the value is 2^n - 1, else -1. */
function lowMask(value: bigint): number {
  return (value & (value + 1n)) === 0n ? bitLength(value) : -1;
}

/** An expression graph in which equal terms are one term and constants are folded. Words are unsigned, modulo 2^64. */
export class Terms {
  readonly list: Term[] = [];
  readonly #known = new Map<string, Term>();
  readonly zero: Term;
  readonly one: Term;

  constructor() {
    this.zero = this.constant(0n);
    this.one = this.constant(1n);
  }

  #make(op: Op, args: readonly Term[], bound: number, imm = 0n, bytes = 0): Term {
    const key = `${op} ${imm} ${bytes} ${args.map(({ id }) => id).join(" ")}`;
    let term = this.#known.get(key);
    if (term === undefined) {
      term = { id: this.list.length, op, args, imm, bytes, bound: Math.min(bound, 64) };
      this.list.push(term);
      this.#known.set(key, term);
    }
    return term;
  }

  constant(value: bigint): Term {
    const word = value & ALL;
    return this.#make("const", [], bitLength(word), word);
  }

  add(a: Term, b: Term): Term {
    if (a.op === "const" && b.op === "const") return this.constant(a.imm + b.imm);
    if (a.op === "const") return this.add(b, a);
    if (b === this.zero) return a;
    return this.#make("add", [a, b], Math.max(a.bound, b.bound) + 1);
  }

  sub(a: Term, b: Term): Term {
    if (a.op === "const" && b.op === "const") return this.constant(a.imm - b.imm);
    if (b === this.zero) return a;
    return a === b ? this.zero : this.#make("sub", [a, b], 64);
  }

  mul(a: Term, b: Term): Term {
    if (a.op === "const" && b.op === "const") return this.constant(a.imm * b.imm);
    if (a.op === "const") return this.mul(b, a);
    if (b.op === "const") {
      if (b.imm === 0n || b.imm === 1n) return b.imm === 0n ? b : a;
      const power = bitLength(b.imm) - 1;
      if (b.imm === 1n << BigInt(power)) return this.shl(a, power);
    }
    return this.#make("mul", [a, b], a.bound + b.bound);
  }

  /** Quotient of unsigned words, rounded down; the divisor must not be 0. */
  divu(a: Term, b: Term): Term {
    if (a.op === "const" && b.op === "const") return this.constant(a.imm / b.imm);
    return b === this.one ? a : this.#make("divu", [a, b], a.bound);
  }

  /** Remainder of unsigned words; the divisor must not be 0. */
  remu(a: Term, b: Term): Term {
    if (a.op === "const" && b.op === "const") return this.constant(a.imm % b.imm);
    return b === this.one ? this.zero : this.#make("remu", [a, b], Math.min(a.bound, b.bound));
  }

  and(a: Term, b: Term): Term {
    if (a.op === "const" && b.op === "const") return this.constant(a.imm & b.imm);
    if (a.op === "const") return this.and(b, a);
    if (a === b) return a;
    if (b.op === "const") {
      if (b.imm === 0n) return b;
      const low = lowMask(b.imm);
      if (low >= a.bound) return a;
      const limit = (1n << BigInt(a.bound)) - 1n;
      if ((b.imm & limit) !== b.imm) return this.and(a, this.constant(b.imm & limit));
      if (a.op === "and" && a.args[1].op === "const") {
        return this.and(a.args[0], this.constant(a.args[1].imm & b.imm));
      }
      if (low > 0 && (a.op === "add" || a.op === "sub" || a.op === "mul")) {
        const [p, q] = a.args.map((arg) => this.low(arg, low));
        if (p !== a.args[0] || q !== a.args[1]) return this.and(this[a.op](p, q), b);
      }
    }
    return this.#make("and", [a, b], Math.min(a.bound, b.bound));
  }

  or(a: Term, b: Term): Term {
    if (a.op === "const" && b.op === "const") return this.constant(a.imm | b.imm);
    if (a.op === "const") return this.or(b, a);
    if (b === this.zero || a === b) return a;
    return this.#make("or", [a, b], Math.max(a.bound, b.bound));
  }

  xor(a: Term, b: Term): Term {
    if (a.op === "const" && b.op === "const") return this.constant(a.imm ^ b.imm);
    if (a.op === "const") return this.xor(b, a);
    if (b === this.zero) return a;
    if (a === b) return this.zero;
    if (b === this.one && a.op === "xor" && a.args[1] === this.one) return a.args[0];
    return this.#make("xor", [a, b], Math.max(a.bound, b.bound));
  }

  /** Shift left by a constant, or by a term below 64. */
  shl(a: Term, by: Term | number): Term {
    if (typeof by !== "number") {
      if (by.op === "const") return this.shl(a, Number(by.imm));
      return a === this.zero ? a : this.#make("shl", [a, by], 64);
    }
    if (by === 0 || a === this.zero) return a;
    if (by > 63) return this.zero;
    if (a.op === "const") return this.constant(a.imm << BigInt(by));
    return this.#make("shl", [a, this.constant(BigInt(by))], a.bound + by);
  }

  /** Logical shift right by a constant, or by a term below 64. */
  shru(a: Term, by: Term | number): Term {
    if (typeof by !== "number") {
      if (by.op === "const") return this.shru(a, Number(by.imm));
      return a === this.zero ? a : this.#make("shru", [a, by], a.bound);
    }
    if (by === 0) return a;
    if (by >= a.bound) return this.zero;
    if (a.op === "const") return this.constant(a.imm >> BigInt(by));
    return this.#make("shru", [a, this.constant(BigInt(by))], a.bound - by);
  }

  /** Arithmetic shift right by a constant, or by a term below 64. */
  shrs(a: Term, by: Term | number): Term {
    if (typeof by !== "number") {
      if (by.op === "const") return this.shrs(a, Number(by.imm));
      return a.bound < 64 ? this.shru(a, by) : this.#make("shrs", [a, by], 64);
    }
    if (by === 0 || a.bound < 64) return this.shru(a, by);
    if (a.op === "const") return this.constant(BigInt.asIntN(64, a.imm) >> BigInt(by));
    return this.#make("shrs", [a, this.constant(BigInt(by))], 64);
  }

  /** Sign extension from the low `width` bits to the whole word; bits above `width` are ignored. */
  extend(a: Term, width: number): Term {
    if (width >= 64 || a.bound < width) return a;
    if (a.op === "const") return this.constant(BigInt.asIntN(width, a.imm));
    return this.#make("extend", [this.low(a, width)], 64, BigInt(width));
  }

  /** A term with the same low `width` bits that may cost less. */
  low(a: Term, width: number): Term {
    if (a.op === "and" && a.args[1].op === "const") {
      const low = (1n << BigInt(width)) - 1n;
      if ((a.args[1].imm & low) === low) return this.low(a.args[0], width);
    }
    if (a.op === "extend" && a.imm >= BigInt(width)) return this.low(a.args[0], width);
    return a;
  }

  /** The low `width` bits. */
  mask(a: Term, width: number): Term {
    return width >= a.bound ? a : this.and(a, this.constant((1n << BigInt(width)) - 1n));
  }

  eq(a: Term, b: Term): Term {
    if (a.op === "const" && b.op === "const") return a.imm === b.imm ? this.one : this.zero;
    if (a.op === "const") return this.eq(b, a);
    if (a === b) return this.one;
    if (b.op === "const") {
      if (b.bound > a.bound) return this.zero;
      if (a.bound === 1) return b.imm === 1n ? a : this.xor(a, this.one);
    }
    return this.#make("eq", [a, b], 1);
  }

  not1(a: Term): Term {
    return this.xor(a, this.one);
  }

  ltu(a: Term, b: Term): Term {
    if (a.op === "const" && b.op === "const") return a.imm < b.imm ? this.one : this.zero;
    if (a === b || b === this.zero) return this.zero;
    if (b.op === "const" && a.bound < b.bound) return this.one;
    return this.#make("ltu", [a, b], 1);
  }

  lts(a: Term, b: Term): Term {
    if (a.op === "const" && b.op === "const") {
      return BigInt.asIntN(64, a.imm) < BigInt.asIntN(64, b.imm) ? this.one : this.zero;
    }
    if (a.bound < 64 && b.bound < 64) return this.ltu(a, b);
    return a === b ? this.zero : this.#make("lts", [a, b], 1);
  }

  popcnt(a: Term): Term {
    if (a.op === "const") return this.constant(BigInt(a.imm.toString(2).replace(/0/g, "").length));
    return a.bound <= 1 ? a : this.#make("popcnt", [a], 7);
  }

  /** `a` where the 1-bit condition holds, else `b`. */
  select(condition: Term, a: Term, b: Term): Term {
    if (condition.op === "const") return condition === this.zero ? b : a;
    if (a === b) return a;
    if (condition.op === "xor" && condition.args[1] === this.one && condition.args[0].bound === 1) {
      return this.select(condition.args[0], b, a);
    }
    if (a.bound <= 1 && b.bound <= 1) {
      if (a === this.one && b === this.zero) return condition;
      if (a === this.zero && b === this.one) return this.not1(condition);
      if (b === this.zero) return this.and(condition, a);
      if (a === this.one) return this.or(condition, b);
    }
    return this.#make("select", [condition, a, b], Math.max(a.bound, b.bound));
  }

  /** The word at an address, below 2^width; it is read before anything of the cycle is stored. */
  load(address: Term, offset: number, bytes: number, width: number): Term {
    return this.#make("load", [address], width, BigInt(offset), bytes);
  }

  /** Words at `offset` and on, for a `load` whose address is made of this term. */
  spill(words: readonly Term[], offset: number): Term {
    return this.#make("spill", words, 0, BigInt(offset));
  }
}
