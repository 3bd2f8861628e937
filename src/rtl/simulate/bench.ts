import { type Design, RESET_CYCLES } from "./design.ts";
import type { PortShape, Ports } from "./netlist.ts";

/** The module that drives a design on the simulators that read Verilog. */
export const BENCH = "circulant_simulation";

/** The files through which a bench and its host talk, in the folder that it runs in. */
export const RESULT_FILE = "result.txt";
export const TRACE_FILE = "trace.txt";
export const WAVE_FILE = "waves.vcd";
export const loadFile = (memory: number): string => `load${memory}.hex`;
export const dumpFile = (memory: number): string => `dump${memory}.hex`;

/** When what a cycle settles to has settled, in nanoseconds: its clock edge is one later. */
export const settledAt = (cycle: number): number => 10 * (RESET_CYCLES + cycle) + 4;

function range({ width, signed }: PortShape): string {
  return `${signed ? "signed " : ""}[${width - 1}:0]`;
}

/**
 * Verilog that runs a design once. Inputs come as plusargs (`+in_NAME=decimal`), `+cycles=` is the most cycles, and
 * `+load0_` says that there is a file for memory 0. Signals are looked at just before the rising edge, long after
 * the one before. The first line of the result file is `done`, `late` or `unknown` and the cycle.
 *
 * @param waves whether it can dump waves: `+wave_from=` is the cycle in which it begins
 */
export function benchText(design: Design, shapes: Ports, waves: boolean): string {
  const ports = [...shapes].filter(([name]) => name !== "clk" && name !== "rst_i");
  const inputs = ports.filter(([, { direction }]) => direction === "input");
  const overrides = Object.entries(design.parameters).map(([name, value]) => `.${name}(${value})`);
  const lines = [
    "`timescale 1ns / 1ns",
    `module ${BENCH};`,
    "  reg clk, rst_i;",
    "  reg traced, running;",
    "  reg [31:0] cycle, cycles;",
    "  integer result, trace;",
    "  integer wave_from;",
    ...ports.map(([name, port]) => `  ${port.direction === "input" ? "reg" : "wire"} ${range(port)} p_${name};`),
    `  ${design.top} #(${overrides.join(", ")}) dut (`,
    ["    .clk(clk)", "    .rst_i(rst_i)", ...ports.map(([name]) => `    .${name}(p_${name})`)].join(",\n"),
    "  );",
    "  initial begin",
    "    clk = 0; rst_i = 1; cycle = 0; running = 1;",
    '    traced = $test$plusargs("trace") != 0;',
    '    if (!$value$plusargs("cycles=%d", cycles)) cycles = 0;',
    ...inputs.map(([name]) => `    if (!$value$plusargs("in_${name}=%d", p_${name})) p_${name} = 0;`),
    '    if (!$value$plusargs("wave_from=%d", wave_from)) wave_from = -1;',
    `    result = $fopen("${RESULT_FILE}", "w");`,
    `    trace = $fopen("${TRACE_FILE}", "w");`,
    "    #1;",
    ...design.memories.map(
      ({ path }, i) => `    if ($test$plusargs("load${i}_")) $readmemh("${loadFile(i)}", dut.${path});`,
    ),
    `    #4 repeat (${RESET_CYCLES - 1}) begin clk = 1; #5 clk = 0; #5; end`,
    "    clk = 1; #5 clk = 0; rst_i = 0; #4;",
    "    while (running) begin",
    ...(waves ? [`      if (cycle == wave_from) begin $dumpfile("${WAVE_FILE}"); $dumpvars(0, dut); end`] : []),
    "      #1;",
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
    "      else begin clk = 1; #5 clk = 0; #4 cycle = cycle + 1; end",
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
