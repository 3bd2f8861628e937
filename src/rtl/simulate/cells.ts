import { SimulationError } from "../../errors.ts";
import { add, bitwise, multiply, negate, not, position, subtract } from "./arithmetic.ts";
import { binaryMux, bitwiseMux, demux, mux, parallelMux } from "./choices.ts";
import { MOST_BITS, quotient, quotientFloor, remainder, remainderFloor } from "./division.ts";
import { type CellContext, condition, type Evaluate, invert, operands, outputWidth } from "./evaluate.ts";
import { any, compare, equal, every, less, logic, parity, reduce } from "./logic.ts";
import type { Cell } from "./netlist.ts";
import { shiftEither, shiftLeft, shiftRight } from "./shifts.ts";
import type { Words } from "./signals.ts";

const lookup: Evaluate = (cell, { terms, signals }) => {
  if (cell.connections.A.length > 6) throw unsupported(cell, "a table of at most 6 inputs");
  const table = BigInt(`0b0${cell.parameters.LUT.replace(/[xz]/g, "0")}`);
  return [terms.mask(terms.shru(terms.constant(table), signals.words(cell.connections.A)[0]), 1)];
};

/** A cell whose operands and result have room in a word. */
function narrow(evaluate: Evaluate): Evaluate {
  return (cell, context) => {
    const width = Math.max(...["A", "B", "Y"].map((port) => cell.connections[port].length));
    if (width > MOST_BITS) throw unsupported(cell, `a division of at most ${MOST_BITS} bits`);
    return evaluate(cell, context);
  };
}

const CELLS: Readonly<Record<string, Evaluate>> = {
  $add: add,
  $sub: (cell, context) => {
    const [a, b] = operands(cell, context);
    return subtract(context.terms, a, b, outputWidth(cell));
  },
  $mul: multiply,
  $div: narrow(quotient),
  $mod: narrow(remainder),
  $divfloor: narrow(quotientFloor),
  $modfloor: narrow(remainderFloor),
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

/** Types of combinational cells that {@link evaluateCell} knows. */
export const COMBINATIONAL: ReadonlySet<string> = new Set(Object.keys(CELLS));

const REASONS: readonly (readonly [RegExp, string])[] = [
  [/^\$(aldff|aldffe|dffsr|dffsre|sr)$/, "registers with no asynchronous control but a reset to a constant"],
  [/latch/, "no latches (an always @* that does not assign in every branch makes one)"],
  [/^\$pow$/, "no power of signals"],
  [/^\$tribuf$/, "no tristate drivers"],
  [/^\$_/, "word-level cells, no gates"],
];

/** @param drives name of a net that the cell drives */
export function unsupported(cell: Cell, expected?: string, drives?: string): SimulationError {
  const reason = expected ?? REASONS.find(([pattern]) => pattern.test(cell.type))?.[1] ?? "a word-level cell";
  const name = drives === undefined ? cell.name : `${cell.name} (drives ${drives})`;
  return new SimulationError(`cell ${name}: expected ${reason}, got ${cell.type}`, {
    simulator: "wasm",
    cell: cell.name,
    type: cell.type,
    ...(drives === undefined ? {} : { net: drives }),
  });
}

/** The output words of a combinational cell whose inputs are defined. */
export function evaluateCell(cell: Cell, context: CellContext): Words {
  return CELLS[cell.type](cell, context);
}
