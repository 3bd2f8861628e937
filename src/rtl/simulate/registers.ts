import { selectWords } from "./choices.ts";
import type { CellContext } from "./evaluate.ts";
import { type Cell, flag } from "./netlist.ts";
import type { Words } from "./signals.ts";
import type { Term, Terms } from "./terms.ts";

/** Types of registers that {@link registerUpdate} knows. */
export const REGISTERS = new Set(["$dff", "$dffe", "$sdff", "$sdffe", "$sdffce"]);

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
