import { readFileSync } from "node:fs";
import { formatImage } from "../images.ts";
import { limbs32 } from "../simulate/design.ts";
import { RTL_FOLDER, type VerilogSource } from "../sources.ts";
import { beatsOf } from "./beats.ts";
import { pipelineCycles, steadyStream } from "./cycles.ts";
import { twiddleMemories } from "./images.ts";
import { loadStream } from "./load.ts";
import type { PipelineProgram } from "./program.ts";
import { modulesUnder, pipelineSources } from "./sources.ts";

/** Vectors and what the reference makes of them, for the bench that goes with the engine. */
export interface Golden {
  readonly inputs: Int16Array;
  readonly outputs: Int16Array;
}

/**
 * All that an FPGA engineer needs to build the streaming engine for a network and to see it right: the modules and their
 * list, twiddles, the writes that load the network, a top for synthesis, a bench that compares, and how to use them.
 */
export function emitPipeline(program: PipelineProgram, golden: Golden, model: string): readonly VerilogSource[] {
  const modules = modulesUnder("circulant_pipeline_axi", pipelineSources());
  const { parameters, source } = program;
  const names = [...modules.map(({ name }) => name), "circulant_top.v"];
  const overrides = Object.entries(parameters).map(([name, value]) => `.${name}(${value})`);
  const commands = loadStream(program);
  const beatWords = 2 ** parameters.LOG2_STREAM;
  const beat = 16 * beatWords;
  const count = golden.inputs.length / source.input.words;
  const inputs = beatsOf(golden.inputs, source.input.words, beatWords);
  const expected = beatsOf(golden.outputs, source.output.words, beatWords);
  const limbs = limbs32(beat + 1);
  const cycles = pipelineCycles(program, count).total;
  const sizes = {
    LOG2_STREAM: parameters.LOG2_STREAM,
    COMMANDS: commands.length,
    INPUT_BEATS: inputs.length / limbs,
    OUTPUT_BEATS: expected.length / limbs,
    MOST_CYCLES: 2 * cycles + 1000,
  };
  const lines = (rows: readonly string[]) => rows.map((row) => `${row}\n`).join("");
  const text = (name: string) => readFileSync(`${RTL_FOLDER}/pipeline/emit/${name}`, "utf8");
  return [
    ...modules,
    { name: "circulant_top.v", text: topText(program) },
    { name: "circulant_tb.v", text: text("circulant_tb.v") },
    { name: "circulant_pipeline.f", text: lines(names) },
    {
      name: "parameters.vh",
      text: `// circulant_pipeline_axi #(\`include "parameters.vh") u_engine (...)\n${overrides.join(",\n")}\n`,
    },
    { name: "sizes.vh", text: lines(Object.entries(sizes).map(([name, value]) => `\`define ${name} ${value}`)) },
    {
      name: "load.hex",
      text: formatImage({ width: 40, limbs: Uint32Array.from(commands.flatMap(([address, data]) => [data, address])) }),
    },
    { name: "inputs.hex", text: formatImage({ width: beat + 1, limbs: inputs }) },
    { name: "expected.hex", text: formatImage({ width: beat + 1, limbs: expected }) },
    ...twiddleMemories(parameters).map(({ stage, limbs: wide, words }) => ({
      name: `twiddles_${String(stage).padStart(2, "0")}.hex`,
      text: formatImage({ width: 32 * wide, limbs: words }),
    })),
    { name: "README.md", text: readme(program, model, count, cycles) },
  ];
}

/** The engine with its parameters, as a module without any, for synthesis and for the bench. */
function topText({ parameters }: PipelineProgram): string {
  const stream = 16 * 2 ** parameters.LOG2_STREAM;
  const ports = [
    "input wire aclk",
    "input wire aresetn",
    ...["aw", "ar"].flatMap((channel) => [
      `input wire [7:0] s_axil_${channel}addr`,
      `input wire s_axil_${channel}valid`,
      `output wire s_axil_${channel}ready`,
    ]),
    "input wire [31:0] s_axil_wdata",
    "input wire s_axil_wvalid",
    "output wire s_axil_wready",
    "output wire [1:0] s_axil_bresp",
    "output wire s_axil_bvalid",
    "input wire s_axil_bready",
    "output wire [31:0] s_axil_rdata",
    "output wire [1:0] s_axil_rresp",
    "output wire s_axil_rvalid",
    "input wire s_axil_rready",
    `input wire [${stream - 1}:0] s_axis_tdata`,
    "input wire s_axis_tvalid",
    "output wire s_axis_tready",
    "input wire s_axis_tlast",
    `output wire [${stream - 1}:0] m_axis_tdata`,
    `output wire [${stream / 8 - 1}:0] m_axis_tkeep`,
    "output wire m_axis_tvalid",
    "input wire m_axis_tready",
    "output wire m_axis_tlast",
  ];
  const names = ports.map((port) => port.split(" ").at(-1));
  const overrides = [
    ...Object.entries(parameters).map(([name, value]) => `      .${name}(${value})`),
    '      .TWIDDLE_IMAGE("twiddles")',
  ];
  return `// The streaming engine in the configuration that \`circulant emit\` chose, for synthesis and for circulant_tb.v.
\`default_nettype none

module circulant_top (
${ports.map((port) => `    ${port}`).join(",\n")}
);
  circulant_pipeline_axi #(
${overrides.join(",\n")}
  ) u_engine (
${names.map((name) => `      .${name}(${name})`).join(",\n")}
  );
endmodule

\`default_nettype wire
`;
}

function readme(program: PipelineProgram, model: string, count: number, cycles: number): string {
  const { parameters, jobs } = program;
  const steady = Math.round(steadyStream(program).cycles);
  const latency = pipelineCycles(program, 1).total;
  const lanes = parameters.BLOCKS * 2 ** parameters.LOG2_PATHS;
  return `# ${model} on the streaming engine

${lanes} complex multipliers (${2 ** parameters.LOG2_PATHS} paths x ${parameters.BLOCKS} output blocks), weights of ${parameters.WEIGHT_BITS} bits, streams of ${16 * 2 ** parameters.LOG2_STREAM} bits, ${jobs.length} jobs a vector.

| | cycles, by the exact model |
|---|---|
| one vector, first beat in to last beat out | ${latency} |
| a vector in a steady stream | ${steady} |
| the ${count} vectors of the bench | ${cycles} |

| file | is |
|---|---|
| \`circulant_pipeline.f\` | the modules in any order |
| \`circulant_top.v\` | the engine with its parameters: the top for synthesis |
| \`parameters.vh\` | the same parameters, for a top of your own |
| \`twiddles_*.hex\` | tables of constants that the modules read by \`$readmemh\` |
| \`load.hex\` | register writes (address, data) that load the network and let it run; send them through AXI4-Lite |
| \`circulant_tb.v\`, \`sizes.vh\`, \`inputs.hex\`, \`expected.hex\` | a bench that loads the network, sends vectors and compares every word |

    iverilog -g2005 -s circulant_tb -o tb -f circulant_pipeline.f circulant_tb.v && vvp tb

prints PASS, or FAIL and the first word that differs. The registers stand at the head of \`circulant_pipeline_axi.v\`. Another
network that fits needs only other writes: \`circulant emit\` with the same parameters makes them.
`;
}
