import type { Design, MemoryLoad, Simulation } from "../../../src/rtl/simulate/design.ts";
import type { VerilogSource } from "../../../src/rtl/sources.ts";

/** Values of ports by name: what goes in, or what comes out, in one cycle. */
export type Values = Readonly<Record<string, number | bigint>>;

/** A module with its drivers and its model: all that a bench needs. */
export interface ModuleBench {
  readonly module: string;
  readonly parameters: Readonly<Record<string, number>>;
  /** What drives the inputs, a row a cycle; an input that a row leaves out keeps its value, 0 at first. */
  readonly stimulus: readonly Values[];
  /** What the model says of the outputs, a row a cycle; what it leaves out is not looked at. */
  readonly expected?: readonly Values[];
  /** Looks at the outputs of all cycles, unsigned: the transactions among them, in order. */
  readonly scoreboard?: (rows: readonly Row[]) => string | undefined;
  /** Memories that answer the module's reads one cycle later: an output with the address, an input with the word. */
  readonly reads?: readonly {
    readonly address: string;
    readonly data: string;
    readonly words: readonly (number | bigint)[];
  }[];
  /** Words of memories inside. */
  readonly contents?: readonly { readonly path: string; readonly width: number; readonly words: readonly number[] }[];
}

/** The outputs of one cycle. */
export type Row = Readonly<Record<string, bigint>>;

interface Port {
  readonly name: string;
  readonly isInput: boolean;
  readonly width: number;
}

/** log2 of the most cycles of a bench. */
const DEPTH_WIDTH = 10;

/** The ports of a module but its clock, their widths for given parameters. */
export function portsOf(text: string, parameters: Readonly<Record<string, number>>): readonly Port[] {
  const defaults = [...text.matchAll(/parameter (\w+) = (\d+)/g)].map(
    ([, name, value]) => [name, Number(value)] as const,
  );
  const known: Readonly<Record<string, number>> = { ...Object.fromEntries(defaults), ...parameters };
  const ports = [...text.matchAll(/^ +(input|output) +(?:wire|reg) +(?:signed +)?(?:\[ *([^:\]]+): *0\] +)?(\w+)/gm)];
  return ports
    .filter(([, , , name]) => name !== "clk")
    .map(([, direction, high, name]) => {
      return { name, isInput: direction === "input", width: high === undefined ? 1 : evaluate(high, known) + 1 };
    });
}

/** A sum of products of numbers and parameters. */
function evaluate(text: string, known: Readonly<Record<string, number>>): number {
  const terms = text.replaceAll(" ", "").match(/[+-]?[^+-]+/g) ?? [];
  return terms.reduce((sum, term) => {
    const factors = term.replace(/^[+-]/, "").split("*");
    const product = factors.reduce((value, factor) => value * (known[factor] ?? Number(factor)), 1);
    return term.startsWith("-") ? sum - product : sum + product;
  }, 0);
}

/** The Verilog of a bench: it drives a module with the rows of a memory and dumps a row a cycle; it compares nothing. */
export function benchText(bench: ModuleBench, text: string, name: string): string {
  const { module, parameters, reads = [] } = bench;
  const ports = portsOf(text, parameters);
  const driven = ports.filter(({ name: port, isInput }) => isInput && !reads.some(({ data }) => data === port));
  const dumped = ports.filter(({ isInput }) => !isInput);
  const widthOf = (list: readonly Port[]) => list.reduce((sum, { width }) => sum + width, 0);
  const [inWidth, outWidth] = [widthOf(driven), widthOf(dumped)];
  let [inAt, outAt] = [0, 0];
  const connections = ports.map(({ name: port, isInput, width }) => {
    if (driven.some((it) => it.name === port)) {
      inAt += width;
      return `.${port}(stimulus[${inAt - 1}:${inAt - width}])`;
    }
    if (isInput) return `.${port}(${port}_q)`;
    outAt += width;
    return `.${port}(outputs[${outAt - 1}:${outAt - width}])`;
  });
  const offsets = new Map<string, string>();
  let at = 0;
  for (const { name: port, width } of dumped) {
    offsets.set(port, `outputs[${at + width - 1}:${at}]`);
    at += width;
  }
  const memories = reads.map(({ address, data, words }) => {
    const port = ports.find((it) => it.name === data);
    const bits = Math.max(1, Math.ceil(Math.log2(words.length)));
    const wide = offsets.get(address) ?? "";
    return `
  reg [${(port?.width ?? 1) - 1}:0] ${data}_mem[0:${2 ** bits - 1}];
  reg [${(port?.width ?? 1) - 1}:0] ${data}_q;
  wire [63:0] ${data}_address = ${wide};
  always @(posedge clk) ${data}_q <= ${data}_mem[${data}_address[${bits - 1}:0]];`;
  });
  const clocked = /input +wire +clk\b/.test(text) ? ".clk(clk), " : "";
  const overrides = Object.entries(parameters).map(([key, value]) => `.${key}(${value})`);
  return `\`default_nettype none
module ${name} (input wire clk, input wire rst_i, input wire [${DEPTH_WIDTH}:0] count_i, output wire done_o);
  reg [${inWidth - 1}:0] stimulus_mem[0:${2 ** DEPTH_WIDTH - 1}];
  reg [${outWidth - 1}:0] outputs_mem[0:${2 ** DEPTH_WIDTH - 1}];
  reg [${inWidth - 1}:0] stimulus;
  wire [${outWidth - 1}:0] outputs;
  // What is undefined before its first write is dumped as 0; no model says anything of it.
  wire [${outWidth - 1}:0] known;
  genvar place;
  generate
    for (place = 0; place < ${outWidth}; place = place + 1) begin : g_known
      assign known[place] = (outputs[place] === 1'b1);
    end
  endgenerate
  reg [${DEPTH_WIDTH}:0] next_q, at_q;
  reg valid_q;
  assign done_o = (at_q == count_i) && !valid_q;
  always @(posedge clk) begin
    stimulus <= stimulus_mem[next_q[${DEPTH_WIDTH - 1}:0]];
    if (valid_q) outputs_mem[at_q[${DEPTH_WIDTH - 1}:0]] <= known;
    if (rst_i) begin
      next_q <= 0;
      at_q <= 0;
      valid_q <= 1'b0;
    end else begin
      valid_q <= (next_q != count_i);
      if (next_q != count_i) next_q <= next_q + 1'b1;
      if (valid_q) at_q <= at_q + 1'b1;
    end
  end${memories.join("")}
  ${module} ${overrides.length > 0 ? `#(${overrides.join(", ")}) ` : ""}u_unit (${clocked}${connections.join(", ")});
endmodule
\`default_nettype wire
`;
}

/** The design of benches side by side, the sources of the modules among others. */
export function benchDesign(benches: readonly ModuleBench[], sources: readonly VerilogSource[]): Design {
  const parts = benches.map((bench, i) => ({ bench, name: `bench_${i}`, text: textOf(bench.module, sources) }));
  const top = `module benches (input wire clk, input wire rst_i, input wire [${DEPTH_WIDTH}:0] count_i, output wire done_o);
  wire [${benches.length - 1}:0] done;
  assign done_o = &done;
${parts.map(({ name }, i) => `  ${name} u_${i} (.clk(clk), .rst_i(rst_i), .count_i(count_i), .done_o(done[${i}]));`).join("\n")}
endmodule
`;
  const memories = parts.flatMap(({ bench, text }, i) => {
    const { parameters, reads = [], contents = [] } = bench;
    const ports = portsOf(text, parameters);
    const width = (list: readonly Port[]) => list.reduce((sum, port) => sum + port.width, 0);
    const driven = ports.filter(({ name, isInput }) => isInput && !reads.some(({ data }) => data === name));
    const depth = 2 ** DEPTH_WIDTH;
    return [
      { path: `u_${i}.stimulus_mem`, width: width(driven), depth },
      { path: `u_${i}.outputs_mem`, width: width(ports.filter(({ isInput }) => !isInput)), depth },
      ...reads.map(({ data, words }) => ({
        path: `u_${i}.${data}_mem`,
        width: ports.find((port) => port.name === data)?.width ?? 1,
        depth: 2 ** Math.max(1, Math.ceil(Math.log2(words.length))),
      })),
      ...contents.map((it) => ({ path: `u_${i}.u_unit.${it.path}`, width: it.width, depth: it.words.length })),
    ];
  });
  const texts = parts.map(({ bench, name, text }) => ({ name: `${name}.v`, text: benchText(bench, text, name) }));
  return {
    sources: [...sources.filter(({ name }) => !name.includes("bench")), ...texts, { name: "benches.v", text: top }],
    top: "benches",
    parameters: {},
    memories,
    trace: [],
    outputs: [],
  };
}

function textOf(module: string, sources: readonly VerilogSource[]): string {
  const source = sources.find(({ name }) => name === `${module}.v`);
  if (source === undefined) throw new Error(`${module}: expected ${module}.v`);
  return source.text;
}

/** Runs benches and gives for each the first output that is not what its model says, or nothing. */
export async function firstWrong(
  simulation: Simulation,
  benches: readonly ModuleBench[],
  sources: readonly VerilogSource[],
): Promise<(string | undefined)[]> {
  const count = Math.max(...benches.map(({ stimulus }) => stimulus.length));
  const load: MemoryLoad[] = benches.flatMap((bench, i) => {
    const ports = portsOf(textOf(bench.module, sources), bench.parameters);
    const { reads = [], contents = [] } = bench;
    const driven = ports.filter(({ name, isInput }) => isInput && !reads.some(({ data }) => data === name));
    return [
      { path: `u_${i}.stimulus_mem`, words: packRows(driven, padded(bench.stimulus, count)) },
      ...reads.map(({ data, words }) => {
        const width = ports.find(({ name }) => name === data)?.width ?? 1;
        return { path: `u_${i}.${data}_mem`, words: packWords(width, words) };
      }),
      ...contents.map((it) => ({ path: `u_${i}.u_unit.${it.path}`, words: packWords(it.width, it.words) })),
    ];
  });
  const read = benches.map((_, i) => ({ path: `u_${i}.outputs_mem`, offset: 0, count }));
  const { memories } = await simulation.run({ inputs: { count_i: count }, load, read, maxCycles: count + 16 });
  return benches.map((bench, i) => {
    const ports = portsOf(textOf(bench.module, sources), bench.parameters).filter(({ isInput }) => !isInput);
    return wrongIn(bench, ports, memories[i]);
  });
}

function wrongIn(
  { module, expected = [], scoreboard }: ModuleBench,
  ports: readonly Port[],
  limbs: Uint32Array,
): string | undefined {
  const perRow = Math.ceil(ports.reduce((sum, port) => sum + port.width, 0) / 32);
  const rows = Array.from({ length: limbs.length / perRow }, (_, cycle): Row => {
    let word = 0n;
    for (let limb = perRow - 1; limb >= 0; limb--) word = (word << 32n) | BigInt(limbs[cycle * perRow + limb]);
    let at = 0n;
    return Object.fromEntries(
      ports.map(({ name, width }) => {
        const value = BigInt.asUintN(width, word >> at);
        at += BigInt(width);
        return [name, value];
      }),
    );
  });
  for (const [cycle, row] of expected.entries()) {
    for (const { name, width } of ports) {
      if (!(name in row)) continue;
      const right = BigInt.asUintN(width, BigInt(row[name]));
      if (rows[cycle][name] !== right)
        return `${module}, cycle ${cycle}, ${name}: expected ${right}, got ${rows[cycle][name]}`;
    }
  }
  const wrong = scoreboard?.(rows);
  return wrong === undefined ? undefined : `${module}: ${wrong}`;
}

function padded(rows: readonly Values[], count: number): readonly Values[] {
  return [...rows, ...Array.from({ length: count - rows.length }, () => ({ start_i: 0 }))];
}

function packRows(ports: readonly Port[], rows: readonly Values[]): Uint32Array {
  const width = ports.reduce((sum, port) => sum + port.width, 0);
  let last: Values = {};
  const words = rows.map((row) => {
    last = { ...last, ...row };
    let [word, at] = [0n, 0n];
    for (const { name, width: bits } of ports) {
      word |= BigInt.asUintN(bits, BigInt(last[name] ?? 0)) << at;
      at += BigInt(bits);
    }
    return word;
  });
  return packWords(width, words);
}

function packWords(width: number, words: readonly (number | bigint)[]): Uint32Array {
  const perWord = Math.ceil(width / 32);
  const limbs = new Uint32Array(words.length * perWord);
  words.forEach((value, i) => {
    const word = BigInt.asUintN(width, BigInt(value));
    for (let limb = 0; limb < perWord; limb++)
      limbs[i * perWord + limb] = Number((word >> BigInt(32 * limb)) & 0xffffffffn);
  });
  return limbs;
}
