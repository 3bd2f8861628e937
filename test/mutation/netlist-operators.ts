import { type Bit, type Cell, flag, type Signal } from "../../src/rtl/simulate/netlist.ts";

/** A way to make one word-level cell wrong. */
export interface NetlistOperator {
  readonly name: string;
  readonly types: readonly string[];
  /**
   * What stands in the place of the cell, or undefined where it would change nothing; `net` makes a new net, `words` are the
   * line of Verilog that the cell comes from and the name of what it drives.
   */
  mutate(cell: Cell, net: () => number, words: string): readonly Cell[] | undefined;
}

const REGISTERS = ["$dff", "$dffe", "$sdff", "$sdffe", "$sdffce"];
const WITH_ENABLE = ["$dffe", "$sdffe", "$sdffce"];
const WITH_RESET = ["$sdff", "$sdffe", "$sdffce"];
const COMPARISONS = ["$lt", "$le", "$gt", "$ge"];
const WORDS = ["$add", "$sub", "$mul", "$mux", "$pmux", "$shl", "$shr", "$sshl", "$sshr", "$and", "$not", "$neg"];

function retyped(name: string, types: Readonly<Record<string, string>>): NetlistOperator {
  return { name, types: Object.keys(types), mutate: (cell) => [{ ...cell, type: types[cell.type] }] };
}

function connect(cell: Cell, connections: Readonly<Record<string, Signal>>): Cell {
  return { ...cell, connections: { ...cell.connections, ...connections } };
}

function withParameters(cell: Cell, parameters: Readonly<Record<string, string>>): Cell {
  return { ...cell, parameters: { ...cell.parameters, ...parameters } };
}

function flipped(text: string): string {
  return text.slice(0, -1) + (text.endsWith("1") ? "0" : "1");
}

function isConstant(signal: Signal): boolean {
  return signal.every((bit) => typeof bit === "string");
}

function replaceBit(signal: Signal, at: number, bit: Bit): Signal {
  return signal.map((it, i) => (i === at ? bit : it));
}

function reversed(signal: Signal): Signal | undefined {
  const turned = [...signal].reverse();
  return turned.every((bit, i) => bit === signal[i]) ? undefined : turned;
}

/** The two halves of every 32 bits, as the parts of complex words are. */
function swapped(signal: Signal): Signal {
  return signal.map((_, i) => signal[i ^ 16]);
}

/** One bit of the result always 0. */
function stuck(name: string, place: (width: number) => number, isMeant: (cell: Cell) => boolean): NetlistOperator {
  return {
    name,
    types: WORDS,
    mutate: (cell, net) => {
      const { Y } = cell.connections;
      if (!isMeant(cell)) return undefined;
      // The bit is driven by a new net that nobody reads; its old net by a constant.
      const at = place(Y.length);
      const zero: Cell = {
        name: `${cell.name}$stuck`,
        type: "$pos",
        parameters: { A_WIDTH: "1", Y_WIDTH: "1", A_SIGNED: "0" },
        connections: { A: ["0"], Y: [Y[at]] },
      };
      return [connect(cell, { Y: replaceBit(Y, at, net()) }), zero];
    },
  };
}

/** The list: what a wrong line of Verilog does to the cell that it becomes. */
export const NETLIST_OPERATORS: readonly NetlistOperator[] = [
  retyped("sum for difference", { $add: "$sub", $sub: "$add" }),
  {
    name: "operands exchanged",
    types: ["$sub", ...COMPARISONS],
    mutate: (cell) => {
      const { A, B } = cell.connections;
      const { A_WIDTH, B_WIDTH, A_SIGNED, B_SIGNED } = cell.parameters;
      const turned = { A_WIDTH: B_WIDTH, B_WIDTH: A_WIDTH, A_SIGNED: B_SIGNED, B_SIGNED: A_SIGNED };
      return [connect(withParameters(cell, turned), { A: B, B: A })];
    },
  },
  retyped("comparison off by one", { $lt: "$le", $le: "$lt", $gt: "$ge", $ge: "$gt" }),
  retyped("comparison inverted", { $eq: "$ne", $ne: "$eq", $lt: "$ge", $ge: "$lt", $gt: "$le", $le: "$gt" }),
  {
    name: "signedness",
    types: ["$mul", "$sshr", ...COMPARISONS],
    mutate: (cell) => {
      const other = (name: string) => (name in cell.parameters ? { [name]: flipped(cell.parameters[name]) } : {});
      const both = cell.type === "$sshr" ? other("A_SIGNED") : { ...other("A_SIGNED"), ...other("B_SIGNED") };
      return [withParameters(cell, both)];
    },
  },
  {
    name: "constant off by one",
    types: ["$add", "$sub", "$eq", "$ne", ...COMPARISONS],
    mutate: (cell) => {
      const port = ["B", "A"].find((name) => isConstant(cell.connections[name]));
      if (port === undefined) return undefined;
      const signal = cell.connections[port];
      return [connect(cell, { [port]: replaceBit(signal, 0, signal[0] === "1" ? "0" : "1") })];
    },
  },
  {
    name: "constant left out",
    types: ["$add", "$sub"],
    mutate: (cell) => {
      const port = ["B", "A"].find((name) => isConstant(cell.connections[name]));
      if (port === undefined) return undefined;
      return [connect(cell, { [port]: cell.connections[port].map(() => "0" as const) })];
    },
  },
  retyped("and for or", { $and: "$or", $or: "$and", $logic_and: "$logic_or", $logic_or: "$logic_and" }),
  retyped("any for all", { $reduce_and: "$reduce_or", $reduce_or: "$reduce_and", $reduce_bool: "$reduce_and" }),
  retyped("parity inverted", { $xor: "$xnor", $reduce_xor: "$reduce_xnor" }),
  retyped("inversion removed", { $not: "$pos", $logic_not: "$reduce_bool", $neg: "$pos" }),
  retyped("shift the other way", { $shl: "$shr", $sshl: "$shr", $shr: "$shl", $sshr: "$shl" }),
  {
    name: "choice exchanged",
    types: ["$mux"],
    mutate: (cell) => [connect(cell, { A: cell.connections.B, B: cell.connections.A })],
  },
  {
    name: "choice stuck at the first",
    types: ["$mux"],
    mutate: (cell) => [connect(cell, { S: ["0"] })],
  },
  {
    name: "choice stuck at the second",
    types: ["$mux"],
    mutate: (cell) => [connect(cell, { S: ["1"] })],
  },
  {
    name: "cases exchanged",
    types: ["$pmux"],
    mutate: (cell) => {
      const [first, second, ...rest] = cell.connections.S;
      return second === undefined ? undefined : [connect(cell, { S: [second, first, ...rest] })];
    },
  },
  {
    name: "case left out",
    types: ["$pmux"],
    mutate: (cell) => [connect(cell, { S: ["0", ...cell.connections.S.slice(1)] })],
  },
  stuck(
    "lowest bit stuck",
    () => 0,
    () => true,
  ),
  stuck(
    "sign stuck",
    (width) => width - 1,
    (cell) => flag(cell, "A_SIGNED") && cell.connections.Y.length > 1,
  ),
  {
    name: "register removed",
    types: ["$dff"],
    mutate: (cell) => {
      const { D, Q } = cell.connections;
      const width = D.length.toString(2);
      const parameters = { A_WIDTH: width, Y_WIDTH: width, A_SIGNED: "0" };
      return [{ name: cell.name, type: "$pos", parameters, connections: { A: D, Y: Q } }];
    },
  },
  {
    name: "register added",
    types: REGISTERS,
    mutate: (cell, net) => {
      const { D, CLK } = cell.connections;
      const between = D.map(() => net());
      const parameters = { WIDTH: D.length.toString(2), CLK_POLARITY: "1" };
      const added: Cell = { name: `${cell.name}$skew`, type: "$dff", parameters, connections: { CLK, D, Q: between } };
      return [connect(cell, { D: between }), added];
    },
  },
  {
    name: "enable stuck",
    types: WITH_ENABLE,
    mutate: (cell) => [connect(cell, { EN: [flag(cell, "EN_POLARITY") ? "1" : "0"] })],
  },
  {
    name: "enable inverted",
    types: WITH_ENABLE,
    mutate: (cell) => [withParameters(cell, { EN_POLARITY: flipped(cell.parameters.EN_POLARITY) })],
  },
  {
    name: "reset value",
    types: WITH_RESET,
    mutate: (cell) => [withParameters(cell, { SRST_VALUE: flipped(cell.parameters.SRST_VALUE) })],
  },
  {
    name: "reset removed",
    types: WITH_RESET,
    mutate: (cell) => [connect(cell, { SRST: [flag(cell, "SRST_POLARITY") ? "0" : "1"] })],
  },
  {
    name: "never written",
    types: ["$mem_v2"],
    mutate: (cell) => {
      const { WR_EN } = cell.connections;
      return isConstant(WR_EN) ? undefined : [connect(cell, { WR_EN: WR_EN.map(() => "0") })];
    },
  },
  {
    name: "always written",
    types: ["$mem_v2"],
    mutate: (cell) => {
      const { WR_EN } = cell.connections;
      return isConstant(WR_EN) ? undefined : [connect(cell, { WR_EN: WR_EN.map(() => "1") })];
    },
  },
  {
    name: "read address stuck",
    types: ["$mem_v2"],
    mutate: (cell) => [connect(cell, { RD_ADDR: replaceBit(cell.connections.RD_ADDR, 0, "0") })],
  },
  {
    name: "index stuck",
    types: ["$shiftx"],
    mutate: (cell) => [connect(cell, { B: replaceBit(cell.connections.B, 0, "0") })],
  },
  {
    name: "bits reversed",
    types: ["$mem_v2", "$mux", ...REGISTERS],
    mutate: (cell, _, words) => {
      const isMemory = cell.type === "$mem_v2";
      if (!isMemory && !/schedule|revers/.test(words)) return undefined;
      const { RD_ADDR, D, Y } = cell.connections;
      const name = isMemory ? "RD_ADDR" : D ? "D" : "Y";
      const bits = isMemory ? RD_ADDR.slice(0, Number.parseInt(cell.parameters.ABITS, 2)) : (D ?? Y);
      const turned = reversed(bits);
      return turned && [connect(cell, { [name]: [...turned, ...cell.connections[name].slice(bits.length)] })];
    },
  },
  {
    name: "halves exchanged",
    types: ["$mem_v2", ...REGISTERS],
    mutate: (cell) => {
      const isMemory = cell.type === "$mem_v2";
      const width = isMemory ? Number.parseInt(cell.parameters.WIDTH, 2) : cell.connections.D.length;
      if (width % 32 !== 0) return undefined;
      const name = isMemory ? "RD_DATA" : "D";
      return [connect(cell, { [name]: swapped(cell.connections[name]) })];
    },
  },
];
