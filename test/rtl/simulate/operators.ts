/** One value of a Verilog expression with its type. */
interface Typed {
  readonly value: bigint;
  readonly width: number;
  readonly signed: boolean;
}

const wrap = (value: bigint, width: number) => BigInt.asUintN(width, value);

/** The number that the bits stand for. */
const number = ({ value, width, signed }: Typed) => (signed ? BigInt.asIntN(width, value) : value);

/** Both operands as numbers in a context of their own: signed only if both are. */
function pair(a: Typed, b: Typed): readonly [bigint, bigint] {
  const signed = a.signed && b.signed;
  return [number({ ...a, signed }), number({ ...b, signed })];
}

const ones = (value: bigint) => value.toString(2).replace(/0/g, "").length;
const bit = (condition: boolean) => (condition ? 1n : 0n);

export interface Operator {
  readonly name: string;
  /** Verilog expression of the operands a, b and c, where c is 1 bit. */
  readonly text: (a: string, b: string, c: string, shape: Shape) => string;
  /** Whether the text is a statement that gives `y` its value. */
  readonly statement?: true;
  /** Whether it is for operands of this shape; all if not given. */
  readonly fits?: (shape: Shape) => boolean;
  /** What the Verilog standard says, before it is cut to the width of the result. */
  readonly value: (a: Typed, b: Typed, c: Typed, width: number) => bigint;
}

const binary = (name: string, symbol: string, compute: (a: bigint, b: bigint) => bigint): Operator => ({
  name,
  text: (a, b) => `${a} ${symbol} ${b}`,
  value: (a, b) => compute(...pair(a, b)),
});

const unary = (name: string, symbol: string, value: (a: Typed, width: number) => bigint): Operator => ({
  name,
  text: (a) => `${symbol}${a}`,
  value: (a, _b, _c, width) => value(a, width),
});

/** A shift amount that changes nothing more when it grows. */
const limit = (b: Typed) => (b.value > 1000n ? 1000n : b.value);

/** Bits of an index that stays inside a vector, and the widest part that then does. */
function inside(width: number) {
  const indexBits = Math.floor(Math.log2(width));
  return { indexBits, part: width - 2 ** indexBits + 1 };
}

const indexFits = ({ a, b }: Shape) => a > 1 && b >= inside(a).indexBits;

function selected(a: Typed, b: Typed): bigint {
  const { indexBits, part } = inside(a.width);
  return wrap(a.value >> wrap(b.value, indexBits), part);
}

/** Room for an index and a part that stay inside the result. */
function room({ a, b, y }: Pick<Shape, "a" | "b" | "y">) {
  const { indexBits, part } = inside(y);
  return { indexBits: Math.min(indexBits, b), part: Math.min(part, a) };
}

const insertFits = ({ y }: Shape) => y > 1;

/** Divisions have operands and results of at most 64 bits. */
const divisionFits = ({ a, b, y }: Shape) => Math.max(a, b, y) <= 64;

/** BigInt divides as Verilog does: towards zero, the remainder with the sign of the dividend. */
function divide(a: Typed, b: Typed, operate: (x: bigint, y: bigint) => bigint): bigint {
  const [x, y] = pair(a, b);
  return y === 0n ? 0n : operate(x, y);
}

export const OPERATORS: readonly Operator[] = [
  binary("add", "+", (a, b) => a + b),
  binary("sub", "-", (a, b) => a - b),
  binary("mul", "*", (a, b) => a * b),
  binary("and", "&", (a, b) => a & b),
  binary("or", "|", (a, b) => a | b),
  binary("xor", "^", (a, b) => a ^ b),
  binary("xnor", "~^", (a, b) => ~(a ^ b)),
  binary("eq", "==", (a, b) => bit(a === b)),
  binary("ne", "!=", (a, b) => bit(a !== b)),
  binary("eqx", "===", (a, b) => bit(a === b)),
  binary("nex", "!==", (a, b) => bit(a !== b)),
  binary("lt", "<", (a, b) => bit(a < b)),
  binary("le", "<=", (a, b) => bit(a <= b)),
  binary("gt", ">", (a, b) => bit(a > b)),
  binary("ge", ">=", (a, b) => bit(a >= b)),
  binary("logic_and", "&&", (a, b) => bit(a !== 0n && b !== 0n)),
  binary("logic_or", "||", (a, b) => bit(a !== 0n || b !== 0n)),
  unary("neg", "-", (a) => -number(a)),
  unary("pos", "+", (a) => number(a)),
  unary("not", "~", (a) => ~number(a)),
  unary("logic_not", "!", (a) => bit(a.value === 0n)),
  unary("reduce_and", "&", (a) => bit(ones(a.value) === a.width)),
  unary("reduce_nand", "~&", (a) => bit(ones(a.value) !== a.width)),
  unary("reduce_or", "|", (a) => bit(a.value !== 0n)),
  unary("reduce_nor", "~|", (a) => bit(a.value === 0n)),
  unary("reduce_xor", "^", (a) => BigInt(ones(a.value) & 1)),
  unary("reduce_xnor", "~^", (a) => BigInt(~ones(a.value) & 1)),
  {
    name: "div",
    text: (a, b) => `(${b} == 0) ? 0 : ${a} / ${b}`,
    value: (a, b) => divide(a, b, (x, y) => x / y),
    fits: divisionFits,
  },
  {
    name: "mod",
    text: (a, b) => `(${b} == 0) ? 0 : ${a} % ${b}`,
    value: (a, b) => divide(a, b, (x, y) => x % y),
    fits: divisionFits,
  },
  { name: "shl", text: (a, b) => `${a} << ${b}`, value: (a, b) => number(a) << limit(b) },
  { name: "sshl", text: (a, b) => `${a} <<< ${b}`, value: (a, b) => number(a) << limit(b) },
  {
    name: "shr",
    text: (a, b) => `${a} >> ${b}`,
    value: (a, b, _c, width) => wrap(number(a), Math.max(width, a.width)) >> limit(b),
  },
  {
    name: "sshr",
    text: (a, b) => `${a} >>> ${b}`,
    value: (a, b) => number(a) >> limit(b),
    fits: ({ signed }) => signed,
  },
  {
    name: "mux",
    text: (a, b, c) => `${c} ? ${a} : ${b}`,
    value: (a, b, c) => pair(a, b)[c.value === 1n ? 0 : 1],
  },
  {
    name: "concatenate",
    text: (a, b, c) => `{${a}, {5{${c}}}, ${b}}`,
    value: (a, b, c) => (((a.value << 5n) | (c.value * 31n)) << BigInt(b.width)) | b.value,
  },
  {
    name: "repeat",
    text: (a, b) => `{3{${b}, ${a}}}`,
    value: (a, b) => {
      const one = (b.value << BigInt(a.width)) | a.value;
      const by = BigInt(a.width + b.width);
      return (one << (2n * by)) | (one << by) | one;
    },
  },
  {
    name: "select_bit",
    text: (a, b, _c, shape) => `${a}[${b}[${inside(shape.a).indexBits - 1}:0]]`,
    value: (a, b) => (a.value >> wrap(b.value, inside(a.width).indexBits)) & 1n,
    fits: indexFits,
  },
  {
    name: "select_up",
    text: (a, b, _c, shape) => `${a}[${b}[${inside(shape.a).indexBits - 1}:0] +: ${inside(shape.a).part}]`,
    value: (a, b) => selected(a, b),
    fits: indexFits,
  },
  {
    name: "select_down",
    text: (a, b, _c, shape) => {
      const { indexBits, part } = inside(shape.a);
      return `${a}[{1'b0, ${b}[${indexBits - 1}:0]} + ${part - 1} -: ${part}]`;
    },
    value: (a, b) => selected(a, b),
    fits: indexFits,
  },
  {
    name: "case",
    statement: true,
    text: (a, b, c) =>
      `case ({${c}, ${b}[0]}) 0: y = ${a}; 1: y = ~${a}; 2: y = ${b}; default: y = ${a} + ${b}; endcase`,
    value: (a, b, c) => {
      const [x, y] = pair(a, b);
      if (c.value === 0n) return (b.value & 1n) === 0n ? number(a) : ~number(a);
      return (b.value & 1n) === 0n ? number(b) : x + y;
    },
  },
  {
    name: "insert",
    statement: true,
    text: (a, b, _c, shape) => `y = 0; y[{1'b0, ${b}[${room(shape).indexBits - 1}:0]} +: ${room(shape).part}] = ${a};`,
    value: (a, b, _c, y) => {
      const { indexBits, part } = room({ a: a.width, b: b.width, y });
      return wrap(a.value, part) << wrap(b.value, indexBits);
    },
    fits: insertFits,
  },
  {
    name: "insert_bit",
    statement: true,
    text: (a, b, c, shape) => `y = ${a}; y[{1'b0, ${b}[${room(shape).indexBits - 1}:0]}] = ${c};`,
    value: (a, b, c, y) => {
      const index = wrap(b.value, room({ a: a.width, b: b.width, y }).indexBits);
      return (wrap(number(a), y) & ~(1n << index)) | (c.value << index);
    },
    fits: insertFits,
  },
];

export interface Shape {
  readonly a: number;
  readonly b: number;
  readonly y: number;
  readonly signed: boolean;
}

const WIDTHS: readonly (readonly [number, number, number])[] = [
  [1, 1, 1],
  [5, 3, 8],
  [7, 13, 11],
  [16, 16, 32],
  [32, 32, 32],
  [33, 31, 64],
  [64, 6, 64],
  [64, 65, 63],
  [65, 7, 70],
  [100, 37, 129],
  [37, 128, 40],
  [130, 9, 200],
];

const SHAPES: readonly Shape[] = WIDTHS.flatMap(([a, b, y]) => [false, true].map((signed) => ({ a, b, y, signed })));

export interface OperatorCase {
  readonly name: string;
  readonly operator: Operator;
  readonly shape: Shape;
}

export const CASES: readonly OperatorCase[] = OPERATORS.flatMap((operator) =>
  SHAPES.filter(operator.fits ?? (() => true)).map((shape) => ({
    name: `${operator.name}_${shape.a}_${shape.b}_${shape.y}${shape.signed ? "s" : "u"}`,
    operator,
    shape,
  })),
);

/** Operand rows of the test; row r of the memories a, b and c. */
export const ROWS = 64;

/** Verilog that computes each case once a row, from the operand memories into a memory of its own. */
export function operatorsText(cases: readonly OperatorCase[]): string {
  const lines = [
    "module operators (input wire clk, input wire rst_i, output wire done_o);",
    "  reg [255:0] a_words [0:63];",
    "  reg [255:0] b_words [0:63];",
    "  reg [6:0] row_q;",
    "  always @(posedge clk) if (rst_i) row_q <= 0; else row_q <= row_q + 7'd1;",
    "  assign done_o = row_q == 64;",
    "  wire [255:0] a_all = a_words[row_q[5:0]];",
    "  wire [255:0] b_all = b_words[row_q[5:0]];",
    "  wire c = a_all[255];",
  ];
  for (const { name, operator, shape } of cases) {
    const signed = shape.signed ? "signed " : "";
    lines.push(
      `  wire ${signed}[${shape.a - 1}:0] a_${name} = a_all[${shape.a - 1}:0];`,
      `  wire ${signed}[${shape.b - 1}:0] b_${name} = b_all[${shape.b - 1}:0];`,
      ...result(name, operator, shape),
      `  reg [${shape.y - 1}:0] r_${name} [0:63];`,
      `  always @(posedge clk) if (!rst_i && !done_o) r_${name}[row_q[5:0]] <= y_${name};`,
    );
  }
  return [...lines, "endmodule", ""].join("\n");
}

function result(name: string, operator: Operator, shape: Shape): readonly string[] {
  const range = `[${shape.y - 1}:0]`;
  const text = operator.text(`a_${name}`, `b_${name}`, "c", shape);
  if (operator.statement === undefined) return [`  wire ${range} y_${name} = ${text};`];
  return [`  reg ${range} y_${name};`, `  always @* begin ${text.replace(/\by\b/g, `y_${name}`)} end`];
}

/** What the case gives for operands of 256 bits. */
export function expectedValue({ operator, shape }: OperatorCase, a: bigint, b: bigint): bigint {
  const { signed } = shape;
  const operand = (value: bigint, width: number): Typed => ({ value: wrap(value, width), width, signed });
  const c: Typed = { value: a >> 255n, width: 1, signed: false };
  return wrap(operator.value(operand(a, shape.a), operand(b, shape.b), c, shape.y), shape.y);
}
