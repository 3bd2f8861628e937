import { type Cell, flag } from "./netlist.ts";
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
export type Evaluate = (cell: Cell, context: CellContext) => Words;

export function bothSigned(cell: Cell): boolean {
  return flag(cell, "A_SIGNED") && flag(cell, "B_SIGNED");
}

export function outputWidth(cell: Cell): number {
  return cell.connections.Y.length;
}

/** A condition as the Y of a cell, whose upper bits are 0. */
export function condition(cell: Cell, { terms }: CellContext, term: Term): Words {
  const words = [term];
  while (words.length * 64 < outputWidth(cell)) words.push(terms.zero);
  return words;
}

/** Operands A and B extended to the width of Y. */
export function operands(cell: Cell, { signals }: CellContext): readonly [Words, Words] {
  const { A, B } = cell.connections;
  const signed = bothSigned(cell);
  return [signals.extended(A, outputWidth(cell), signed), signals.extended(B, outputWidth(cell), signed)];
}

export function maskTop(terms: Terms, words: Words, width: number): Words {
  return words.map((word, i) => terms.mask(word, bitsOfWord(width, i)));
}

export function invert(terms: Terms, word: Term): Term {
  return terms.xor(word, terms.constant(-1n));
}
