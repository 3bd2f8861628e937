import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SimulationError } from "../../../src/errors.ts";
import type { Design } from "../../../src/rtl/simulate/design.ts";
import { openSimulation } from "../../../src/rtl/simulate/open.ts";
import { lintUnsignedShifts } from "../../../src/rtl/simulate/yosys.ts";
import { CACHE, randomWords } from "./simulators.ts";

/** A design of one file whose ports after `clk`, `rst_i` and `done_o` are given. */
function design(ports: string, body: string, rest: Partial<Design> = {}): Design {
  const list = ["input wire clk", "input wire rst_i", "output wire done_o", ...(ports === "" ? [] : [ports])];
  const text = `module bench (${list.join(", ")});\n${body}\nendmodule\n`;
  const sources = [{ name: "bench.v", text }];
  return { sources, top: "bench", parameters: {}, memories: [], trace: [], outputs: [], ...rest };
}

const open = (one: Design) => openSimulation("wasm", one, { cacheDirectory: CACHE });

/** The output y_o of a design for inputs that do not change. */
async function value(one: Design, inputs: Readonly<Record<string, number>>): Promise<number> {
  const simulation = await open({ ...one, outputs: ["y_o"] });
  return (await simulation.run({ inputs, maxCycles: 4 })).outputs.y_o;
}

describe("a cell that Verilog has no operator for", () => {
  const IN = "input wire [31:0] a_i, input wire [31:0] b_i, input wire [31:0] s_i, output wire [31:0] y_o";
  const words = randomWords(30, 11);
  const bits = (word: number, from: number, count: number) => (word >>> from) & (2 ** count - 1);
  const CELLS: readonly (readonly [string, string, (a: number, b: number, s: number) => number])[] = [
    [
      "$bmux",
      "\\$bmux #(.WIDTH(5), .S_WIDTH(2)) u (.A(a_i[19:0]), .S(s_i[1:0]), .Y(y_o[4:0]));",
      (a, _b, s) => bits(a, 5 * (s & 3), 5),
    ],
    [
      "$demux",
      "\\$demux #(.WIDTH(7), .S_WIDTH(2)) u (.A(a_i[6:0]), .S(s_i[1:0]), .Y(y_o[27:0]));",
      (a, _b, s) => bits(a, 0, 7) << (7 * (s & 3)),
    ],
    [
      "$bwmux",
      "\\$bwmux #(.WIDTH(32)) u (.A(a_i), .B(b_i), .S(s_i), .Y(y_o));",
      (a, b, s) => ((a & ~s) | (b & s)) >>> 0,
    ],
    ["$bweqx", "\\$bweqx #(.WIDTH(32)) u (.A(a_i), .B(b_i), .Y(y_o));", (a, b) => ~(a ^ b) >>> 0],
    [
      "$pmux",
      "\\$pmux #(.WIDTH(8), .S_WIDTH(3)) u (.A(b_i[7:0]), .B(a_i[23:0]), .S({s_i[1:0] == 2, s_i[1:0] == 1, s_i[1:0] == 0}), .Y(y_o[7:0]));",
      (a, b, s) => ((s & 3) === 3 ? bits(b, 0, 8) : bits(a, 8 * (s & 3), 8)),
    ],
    ...(
      [
        ["$divfloor", (a: number, b: number) => (a - (((a % b) + b) % b)) / b],
        ["$modfloor", (a: number, b: number) => ((a % b) + b) % b],
      ] as const
    ).map(([type, floor]): (typeof CELLS)[number] => [
      type,
      `\\${type} #(.A_WIDTH(12), .A_SIGNED(1), .B_WIDTH(5), .B_SIGNED(1), .Y_WIDTH(20))
          u (.A(a_i[11:0]), .B({b_i[3:0], 1'b1}), .Y(y_o[19:0]));`,
      (a, b) => {
        const [x, y] = [(bits(a, 0, 12) << 20) >> 20, ((2 * bits(b, 0, 4) + 1) << 27) >> 27];
        return bits(floor(x, y), 0, 20);
      },
    ]),
    ["$lut", "\\$lut #(.WIDTH(4), .LUT(16'hc0de)) u (.A(a_i[3:0]), .Y(y_o[0]));", (a) => (0xc0de >>> (a & 15)) & 1],
    [
      "$shift",
      "\\$shift #(.A_WIDTH(20), .A_SIGNED(0), .B_WIDTH(6), .B_SIGNED(1), .Y_WIDTH(32)) u (.A(a_i[19:0]), .B(s_i[5:0]), .Y(y_o));",
      (a, _b, s) => {
        const by = ((s & 63) << 26) >> 26;
        return Number(
          BigInt.asUintN(32, by < 0 ? BigInt(bits(a, 0, 20)) << BigInt(-by) : BigInt(bits(a, 0, 20)) >> BigInt(by)),
        );
      },
    ],
    [
      "$shiftx",
      "wire [159:0] wide = {a_i, b_i, s_i, ~a_i, ~b_i};\n" +
        "\\$shiftx #(.A_WIDTH(160), .A_SIGNED(0), .B_WIDTH(8), .B_SIGNED(0), .Y_WIDTH(16)) u (.A(wide), .B({1'b0, s_i[6:0]}), .Y(y_o[15:0]));",
      (a, b, s) => {
        const wide = [a, b, s, ~a >>> 0, ~b >>> 0].reduce((sum, word) => (sum << 32n) | BigInt(word), 0n);
        return Number(BigInt.asUintN(16, wide >> BigInt(s & 127)));
      },
    ],
  ];

  for (const [name, text, expected] of CELLS) {
    it(`gives what Yosys defines: ${name}`, async () => {
      const simulation = await open(design(IN, `${text}\nassign done_o = 1'b1;`, { outputs: ["y_o"] }));
      for (let i = 0; i < words.length; i += 3) {
        const [a_i, b_i, s_i] = words.subarray(i, i + 3);
        const { outputs } = await simulation.run({ inputs: { a_i, b_i, s_i }, maxCycles: 1 });
        expect(outputs.y_o).toBe(expected(a_i, b_i, s_i));
      }
    });
  }
});

describe("a register in WebAssembly", () => {
  it("starts from its initial value, or 0", async () => {
    const body = `reg [7:0] a = 8'h5a; reg [7:0] b; reg t = 1'b0;
      always @(posedge clk) begin t <= 1'b1; if (rst_i && !t) b <= a; end
      assign done_o = 1'b1; assign y_o = {a, b};`;
    expect(await value(design("output wire [15:0] y_o", body), {})).toBe(0x5a5a);
    const zero = "reg [7:0] a; always @(posedge clk) a <= a + 8'd0; assign done_o = 1'b1; assign y_o = a;";
    expect(await value(design("output wire [7:0] y_o", zero), {})).toBe(0);
  });

  it("moves with its neighbours in one step", async () => {
    const body = `reg [3:0] a, b, c;
      always @(posedge clk) if (rst_i) {a, b, c} <= 12'h123; else begin a <= b; b <= c; c <= a; end
      reg [1:0] t; always @(posedge clk) if (rst_i) t <= 0; else t <= t + 2'd1;
      assign done_o = t == 1; assign y_o = {a, b, c};`;
    expect(await value(design("output wire [11:0] y_o", body), {})).toBe(0x231);
  });

  it("obeys reset over enable and enable over reset", async () => {
    const body = `reg [3:0] over, under; reg t;
      always @(posedge clk) t <= !rst_i;
      always @(posedge clk) begin
        if (rst_i || hold_i) over <= 4'd9; else if (t) over <= 4'd5;
        if (!hold_i) begin if (rst_i) under <= 4'd3; else under <= 4'd12; end
      end
      assign done_o = t; assign y_o = {over, under};`;
    const one = design("input wire hold_i, output wire [7:0] y_o", body);
    expect(await value(one, { hold_i: 0 })).toBe(0x9c);
    expect(await value(one, { hold_i: 1 })).toBe(0x90);
  });
});

describe("a design that cannot be simulated in WebAssembly", () => {
  const END = "assign done_o = 1'b1;";
  const REFUSED: readonly (readonly [string, Design, string | RegExp])[] = [
    [
      "an asynchronous set and reset",
      design(
        "input wire s_i, output reg y_o",
        `${END} always @(posedge clk or posedge rst_i or posedge s_i)
          if (rst_i) y_o <= 0; else if (s_i) y_o <= 1; else y_o <= !y_o;`,
        { outputs: ["y_o"] },
      ),
      "(drives y_o): expected registers with no asynchronous control but a reset to a constant, got $dffsr",
    ],
    [
      "an asynchronous load",
      design(
        "input wire [3:0] d_i, output reg [3:0] y_o",
        `${END} always @(posedge clk or posedge rst_i) if (rst_i) y_o <= d_i; else y_o <= ~y_o;`,
        { outputs: ["y_o"] },
      ),
      "expected registers with no asynchronous control but a reset to a constant, got $aldff",
    ],
    [
      "a latch",
      design("input wire e_i, output reg y_o", `${END} always @* if (e_i) y_o = rst_i;`, { outputs: ["y_o"] }),
      "(drives y_o): expected no latches",
    ],
    [
      "a second clock",
      design("input wire other_i, output reg y_o", `${END} always @(posedge other_i) y_o <= !y_o;`, {
        outputs: ["y_o"],
      }),
      "expected the rising edge of the one clock clk, got the rising edge of other_i (of 1 registers or memories)",
    ],
    [
      "the falling edge",
      design("output reg y_o", `${END} always @(negedge clk) y_o <= !y_o;`, { outputs: ["y_o"] }),
      "expected the rising edge of the one clock clk, got the falling edge of clk (of 1 registers or memories)",
    ],
    [
      "several clocks, all of them",
      design(
        "input wire a_i, input wire b_i, output wire [3:0] y_o",
        `${END} reg [3:0] y; reg m [0:3]; assign y_o = y ^ {4{m[y[1:0]]}};
          always @(posedge clk) y[0] <= !y[0]; always @(posedge a_i) y[1] <= !y[1];
          always @(negedge a_i) y[2] <= !y[2]; always @(posedge clk & b_i) y[3] <= !y[3];
          always @(negedge clk) m[y[3:2]] <= y[0];`,
        { outputs: ["y_o"] },
      ),
      /got (?=.*the rising edge of a_i)(?=.*the falling edge of a_i)(?=.*the falling edge of clk)(?!.*the rising edge of clk)/,
    ],
    [
      "a power of signals",
      design("input wire [7:0] a_i, output wire [7:0] y_o", `${END} assign y_o = a_i ** a_i;`, { outputs: ["y_o"] }),
      "(drives y_o[0]): expected no power of signals, got $pow",
    ],
    [
      "a division of more than 64 bits",
      design(
        "input wire [63:0] a_i, output wire [64:0] y_o, output wire z_o",
        `${END} assign z_o = ^y_o; assign y_o = {a_i, 1'b1} / a_i;`,
        {
          outputs: ["z_o"],
        },
      ),
      "expected a division of at most 64 bits, got $div",
    ],
    [
      "a combinational loop",
      design(
        "input wire [7:0] a_i, output wire [7:0] y_o",
        `${END} wire [7:0] p, q; assign p = q + a_i; assign q = p ^ 8'd3; assign y_o = q;`,
        { outputs: ["y_o"] },
      ),
      /expected no combinational loop, got one through it: (y_o|q|p)\[0\] <- (y_o|q|p)\[0\] <- /,
    ],
    [
      "an inout port",
      design("inout wire [7:0] y_io", END),
      "port y_io: expected an input or output, got an inout of 8 bits",
    ],
    [
      "a traced port of 65 bits",
      design("output wire [64:0] y_o", `${END} assign y_o = 0;`, {
        trace: [{ name: "y", enable: "done_o", ports: ["y_o"] }],
      }),
      "port y_o: expected an output of at most 64 bits, got an output of 65",
    ],
    [
      "a memory that does not start at address 0",
      design("input wire [3:0] a_i, output wire [7:0] y_o", `${END} reg [7:0] mem [4:11]; assign y_o = mem[a_i];`, {
        outputs: ["y_o"],
        memories: [{ path: "mem", width: 8, depth: 8 }],
      }),
      "memory mem: expected 8 words of 8 bits from address 0, got 8 words of 8 bits from 4",
    ],
  ];

  for (const [name, one, message] of REFUSED) {
    it(`is refused with the reason: ${name}`, async () => {
      const opened = open(one);
      await expect(opened).rejects.toThrow(SimulationError);
      await expect(opened).rejects.toThrow(message);
    });
  }
});

describe("the lint of shifts", () => {
  const shift = (left: string) =>
    design("input wire signed [7:0] a_i, input wire [2:0] n_i, output wire [7:0] y_o", `assign y_o = ${left} >>> n_i;`);

  it("passes shifts of signed operands", async () => {
    const { sources, top } = shift("a_i");
    await expect(lintUnsignedShifts(sources, top)).resolves.toBeUndefined();
  });

  it("names file and line of a shift of an unsigned operand", async () => {
    const { sources, top } = shift("{a_i[7], a_i[7:1]}");
    const linted = lintUnsignedShifts(sources, top);
    await expect(linted).rejects.toThrow(SimulationError);
    await expect(linted).rejects.toThrow("$sshr$bench.v:2");
    await expect(open(shift("{a_i[7], a_i[7:1]}"))).rejects.toThrow("bench: expected every >>> on a signed operand");
  });

  it("sees a shift that an unsigned operand beside it makes unsigned", async () => {
    const { sources, top } = shift("(a_i + {5'd0, n_i})");
    await expect(lintUnsignedShifts(sources, top)).rejects.toThrow("$sshr$bench.v:2");
  });
});

describe("a memory image beside the Verilog", () => {
  it("is read by $readmemh", async () => {
    const body = `reg [11:0] mem [0:3]; initial $readmemh("image.hex", mem);
      assign done_o = 1'b1; assign y_o = mem[a_i];`;
    const one = design("input wire [1:0] a_i, output wire [11:0] y_o", body);
    const sources = [...one.sources, { name: "image.hex", text: "123\nabc\n@3\n7f\n" }];
    const values = [0, 1, 3].map((a_i) => value({ ...one, sources }, { a_i }));
    expect(await Promise.all(values)).toEqual([0x123, 0xabc, 0x7f]);
  });
});

describe("the cache", () => {
  const one = design("output wire [7:0] y_o", "assign done_o = 1'b1; assign y_o = 8'd77;", { outputs: ["y_o"] });
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "circulant-cache-test-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Opens and runs the design; whether it was built. */
  async function built(change: Partial<Design> = {}): Promise<boolean> {
    const messages: string[] = [];
    const onProgress = (message: string) => messages.push(message);
    const simulation = await openSimulation("wasm", { ...one, ...change }, { cacheDirectory: folder, onProgress });
    expect((await simulation.run({ inputs: {}, maxCycles: 1 })).outputs.y_o).toBe(77);
    return messages.length > 0;
  }

  it("makes a second start need no build", async () => {
    expect(await built()).toBe(true);
    expect(await built()).toBe(false);
  });

  it("tells designs apart by sources, parameters and what they name", async () => {
    const [{ name, text }] = one.sources;
    expect(await built({ sources: [{ name, text: `${text}\n` }] })).toBe(true);
    expect(await built({ trace: [{ name: "y", enable: "done_o", ports: ["y_o"] }] })).toBe(true);
    expect(await built()).toBe(false);
  });

  it("is built anew where a file is damaged, cut or empty", async () => {
    const damages: readonly ((bytes: Buffer) => Uint8Array)[] = [
      (bytes) => bytes.fill(bytes[200] ^ 1, 200, 201),
      (bytes) => bytes.subarray(0, bytes.length - 1),
      () => new Uint8Array(0),
    ];
    for (const damage of damages) {
      for (const name of readdirSync(folder)) {
        writeFileSync(join(folder, name), damage(readFileSync(join(folder, name))));
      }
      expect(await built()).toBe(true);
      expect(await built()).toBe(false);
    }
  });

  it("is not needed: a folder that cannot be made is passed over", async () => {
    const file = join(folder, "a-file");
    writeFileSync(file, "");
    const simulation = await openSimulation("wasm", one, { cacheDirectory: join(file, "inside") });
    expect((await simulation.run({ inputs: {}, maxCycles: 1 })).outputs.y_o).toBe(77);
  });
});
