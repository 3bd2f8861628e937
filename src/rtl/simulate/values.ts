import type binaryen from "binaryen";
import type { Term, Terms } from "./terms.ts";

export type Module = InstanceType<typeof binaryen.Module>;
export type Expression = number;

/** Deepest expression before a part of it gets a local of its own. */
const MAX_DEPTH = 24;

/** Reads 1, 2, 4 or 8 bytes, extended with zeros. */
export function loadWord({ i64 }: Module, bytes: number, offset: number, at: Expression): Expression {
  if (bytes === 1) return i64.load8_u(offset, 1, at);
  if (bytes === 2) return i64.load16_u(offset, 2, at);
  return bytes === 4 ? i64.load32_u(offset, 4, at) : i64.load(offset, 8, at);
}

/** The terms of one function as expressions. */
export class Values {
  readonly #wasm: typeof binaryen;
  readonly #module: Module;
  readonly #terms: Terms;
  readonly #local = new Map<Term, number>();
  /** Number of locals so far. */
  locals: number;

  constructor(wasm: typeof binaryen, module: Module, terms: Terms, locals: number) {
    this.#wasm = wasm;
    this.#module = module;
    this.#terms = terms;
    this.locals = locals;
  }

  /** Statements that compute the given terms; each can then be used any number of times. */
  compute(roots: readonly Term[]): Expression[] {
    const kept = this.#termsWithLocals(roots);
    const lastUses = this.#lastUses(kept, roots);
    const free: number[] = [];
    return kept.map((term, statement) => {
      const value = this.#expression(term);
      for (const used of lastUses[statement]) free.push(this.#local.get(used) ?? 0);
      const index = free.pop() ?? this.locals++;
      this.#local.set(term, index);
      return this.#module.local.set(index, value);
    });
  }

  /** The terms that are used more than once, or are the roots of deep expressions, in order. */
  #termsWithLocals(roots: readonly Term[]): readonly Term[] {
    const { list } = this.#terms;
    const uses = new Uint32Array(list.length);
    for (const { id } of roots) uses[id] += 2;
    for (let id = list.length - 1; id >= 0; id--) {
      if (uses[id] > 0) for (const arg of list[id].args) uses[arg.id]++;
    }
    const depth = new Uint32Array(list.length);
    return list.filter((term) => {
      if (uses[term.id] === 0 || term.op === "const") return false;
      depth[term.id] = 1 + term.args.reduce((most, arg) => Math.max(most, depth[arg.id]), 0);
      if (uses[term.id] === 1 && depth[term.id] < MAX_DEPTH) return false;
      depth[term.id] = 0;
      return true;
    });
  }

  /** For each of the terms, those that no later one uses: their locals can be taken again. Roots are used in the end. */
  #lastUses(kept: readonly Term[], roots: readonly Term[]): readonly (readonly Term[])[] {
    const hasLocal = new Set(kept);
    const seen = new Set(roots);
    const lastUses: Term[][] = kept.map(() => []);
    for (let statement = kept.length - 1; statement >= 0; statement--) {
      const pending = [...kept[statement].args];
      for (let term = pending.pop(); term !== undefined; term = pending.pop()) {
        if (!hasLocal.has(term)) pending.push(...term.args);
        else if (!seen.has(term)) {
          seen.add(term);
          lastUses[statement].push(term);
        }
      }
    }
    return lastUses;
  }

  /** The value of a term as i64. */
  use(term: Term): Expression {
    const index = this.#local.get(term);
    return index === undefined ? this.#expression(term) : this.#module.local.get(index, this.#wasm.i64);
  }

  /** The value of a term as an address. */
  address(term: Term): Expression {
    const { i32 } = this.#module;
    return term.op === "const" ? i32.const(Number(term.imm)) : i32.wrap(this.use(term));
  }

  /** The value of a 1-bit term as i32. */
  condition(term: Term): Expression {
    if (!this.#local.has(term)) {
      const { i32 } = this.#module;
      const comparison = this.#comparison(term);
      if (comparison !== undefined) return comparison;
      const [a, b] = term.args;
      if (term.bound <= 1 && a?.bound <= 1 && b?.bound <= 1) {
        if (term.op === "xor" && b === this.#terms.one) return i32.eqz(this.condition(a));
        if (term.op === "and") return i32.and(this.condition(a), this.condition(b));
        if (term.op === "or") return i32.or(this.condition(a), this.condition(b));
      }
    }
    return this.#module.i32.wrap(this.use(term));
  }

  #comparison({ op, args }: Term): Expression | undefined {
    const { i64 } = this.#module;
    if (op === "eq") {
      return args[1] === this.#terms.zero ? i64.eqz(this.use(args[0])) : i64.eq(this.use(args[0]), this.use(args[1]));
    }
    if (op === "ltu") return i64.lt_u(this.use(args[0]), this.use(args[1]));
    return op === "lts" ? i64.lt_s(this.use(args[0]), this.use(args[1])) : undefined;
  }

  #expression(term: Term): Expression {
    const { i32, i64 } = this.#module;
    const { op, args, imm, bytes } = term;
    const [a, b] = args;
    if (op === "const") return i64.const(BigInt.asIntN(64, imm));
    if (op === "add") return i64.add(this.use(a), this.use(b));
    if (op === "sub") return i64.sub(this.use(a), this.use(b));
    if (op === "mul") return i64.mul(this.use(a), this.use(b));
    if (op === "divu") return i64.div_u(this.use(a), this.use(b));
    if (op === "remu") return i64.rem_u(this.use(a), this.use(b));
    if (op === "and") return i64.and(this.use(a), this.use(b));
    if (op === "or") return i64.or(this.use(a), this.use(b));
    if (op === "xor") return i64.xor(this.use(a), this.use(b));
    if (op === "shl") return i64.shl(this.use(a), this.use(b));
    if (op === "shru") return i64.shr_u(this.use(a), this.use(b));
    if (op === "shrs") return i64.shr_s(this.use(a), this.use(b));
    if (op === "popcnt") return i64.popcnt(this.use(a));
    if (op === "extend") return this.#signExtend(this.use(a), Number(imm));
    if (op === "select") return this.#module.select(this.condition(a), this.use(b), this.use(args[2]));
    if (op === "load") return loadWord(this.#module, bytes, Number(imm), this.address(a));
    if (op === "spill") {
      const stores = args.map((word, i) => i64.store(Number(imm) + 8 * i, 8, i32.const(0), this.use(word)));
      return this.#module.block(null, [...stores, i64.const(0n)], this.#wasm.i64);
    }
    return i64.extend_u(this.#comparison(term) ?? i32.const(0));
  }

  #signExtend(value: Expression, width: number): Expression {
    const { i64 } = this.#module;
    if (width === 32) return i64.extend32_s(value);
    if (width === 16) return i64.extend16_s(value);
    if (width === 8) return i64.extend8_s(value);
    const by = 64 - width;
    return i64.shr_s(i64.shl(value, i64.const(BigInt(by))), i64.const(BigInt(by)));
  }
}
