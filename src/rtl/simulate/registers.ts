import { selectWords } from "./choices.ts";
import type { CellContext } from "./evaluate.ts";
import { type Cell, flag } from "./netlist.ts";
import type { Words } from "./signals.ts";
import type { Term, Terms } from "./terms.ts";

/** Types of registers that {@link registerUpdate} knows. */
export const REGISTERS = new Set(["$dff", "$dffe", "$sdff", "$sdffe", "$sdffce", "$adff", "$adffe"]);

/** Those whose output follows an asynchronous reset at once. */
export const ASYNCHRONOUS = new Set(["$adff", "$adffe"]);

function bitConstant(terms: Terms, text: string): Words {
  const words: Term[] = [];
  for (let end = text.length; end > 0; end -= 64) {
    const digits = text.slice(Math.max(0, end - 64), end).replace(/[xz]/g, "0");
    words.push(terms.constant(BigInt(`0b${digits}`)));
  }
  return words;
}

function control(cell: Cell, { terms, signals }: CellContext, port: string): Term {
  const term = signals.words(cell.connections[port])[0];
  return flag(cell, `${port}_POLARITY`) ? term : terms.not1(term);
}

/** What a register with an asynchronous reset shows, given the words that it holds. */
export function resetWords(cell: Cell, context: CellContext, held: Words): Words {
  const value = bitConstant(context.terms, cell.parameters.ARST_VALUE);
  return selectWords(context, control(cell, context, "ARST"), value, held);
}

/** What a register holds after the clock edge, given the words that it shows before. */
export function registerUpdate(cell: Cell, context: CellContext, before: Words): Words {
  const { terms, signals } = context;
  const enable = (next: Words) => selectWords(context, control(cell, context, "EN"), next, before);
  const reset = (next: Words) =>
    selectWords(context, control(cell, context, "SRST"), bitConstant(terms, cell.parameters.SRST_VALUE), next);
  const data = signals.words(cell.connections.D);
  switch (cell.type) {
    case "$dffe":
      return enable(data);
    case "$sdff":
      return reset(data);
    case "$sdffe":
      return reset(enable(data));
    case "$sdffce":
      return enable(reset(data));
    case "$adff":
      return resetWords(cell, context, data);
    case "$adffe":
      return resetWords(cell, context, enable(data));
    default:
      return data;
  }
}
