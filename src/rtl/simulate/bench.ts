import { type Design, RESET_CYCLES } from "./design.ts";
import type { Netlist, Port } from "./netlist.ts";

/** The module that drives a design on the simulators that read Verilog. */
export const BENCH = "circulant_simulation";

/** The files through which a bench and its host talk, in the folder that it runs in. */
export const RESULT_FILE = "result.txt";
export const TRACE_FILE = "trace.txt";
export const loadFile = (memory: number): string => `load${memory}.hex`;
export const dumpFile = (memory: number): string => `dump${memory}.hex`;

function range({ bits, signed }: Port): string {
  return `${signed ? "signed " : ""}[${bits.length - 1}:0]`;
}

/**
 * Verilog that runs a design once. Inputs come as plusargs (`+in_NAME=decimal`), `+cycles=` is the most cycles, and
 * `+load0` says that there is a file for memory 0. Signals are looked at just before the rising edge, long after
 * the one before. The first line of the result file is `done`, `late` or `unknown` and the cycle.
 */
export function benchText(design: Design, netlist: Netlist): string {
  const ports = [...netlist.ports].filter(([name]) => name !== "clk" && name !== "rst_i");
  const inputs = ports.filter(([, { direction }]) => direction === "input");
  const overrides = Object.entries(design.parameters).map(([name, value]) => `.${name}(${value})`);
  const lines = [
    "`timescale 1ns / 1ns",
    `module ${BENCH};`,
    "  reg clk, rst_i;",
    "  reg traced, running;",
    "  reg [31:0] cycle, cycles;",
    "  integer result, trace;",
    ...ports.map(([name, port]) => `  ${port.direction === "input" ? "reg" : "wire"} ${range(port)} p_${name};`),
    `  ${design.top} #(${overrides.join(", ")}) dut (`,
    ["    .clk(clk)", "    .rst_i(rst_i)", ...ports.map(([name]) => `    .${name}(p_${name})`)].join(",\n"),
    "  );",
    "  initial begin",
    "    clk = 0; rst_i = 1; cycle = 0; running = 1;",
    '    traced = $test$plusargs("trace") != 0;',
    '    if (!$value$plusargs("cycles=%d", cycles)) cycles = 0;',
    ...inputs.map(([name]) => `    if (!$value$plusargs("in_${name}=%d", p_${name})) p_${name} = 0;`),
    `    result = $fopen("${RESULT_FILE}", "w");`,
    `    trace = $fopen("${TRACE_FILE}", "w");`,
    "    #1;",
    ...design.memories.map(
      ({ path }, i) => `    if ($test$plusargs("load${i}_")) $readmemh("${loadFile(i)}", dut.${path});`,
    ),
    `    #4 repeat (${RESET_CYCLES}) begin clk = 1; #5 clk = 0; #5; end`,
    "    rst_i = 0; #5;",
    "    while (running) begin",
    "      if (traced) begin",
    ...design.trace.map(({ enable, ports: columns }, i) => {
      const format = columns.map(() => " %h").join("");
      const values = columns.map((name) => `, p_${name}`).join("");
      return `        if (p_${enable} !== 1'b0) $fwrite(trace, "${i} %0d %b${format}\\n", cycle, p_${enable}${values});`;
    }),
    "      end",
    '      if (p_done_o === 1\'b1) begin running = 0; $fwrite(result, "done %0d\\n", cycle); end',
    '      else if (p_done_o !== 1\'b0) begin running = 0; $fwrite(result, "unknown %0d\\n", cycle); end',
    '      else if (cycle >= cycles) begin running = 0; $fwrite(result, "late %0d\\n", cycle); end',
    "      else begin clk = 1; #5 clk = 0; #5 cycle = cycle + 1; end",
    "    end",
    ...design.outputs.map((name) => `    $fwrite(result, "%h\\n", p_${name});`),
    "    $fclose(result);",
    "    $fclose(trace);",
    ...design.memories.map(({ path }, i) => `    $writememh("${dumpFile(i)}", dut.${path});`),
    "    $finish;",
    "  end",
    "endmodule",
    "",
  ];
  return lines.join("\n");
}
