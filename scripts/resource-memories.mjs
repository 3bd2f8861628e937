// How Yosys maps memories of many sizes, all in one design and no further than their mapping.
import { readFileSync } from "node:fs";
import { runYosys } from "@yowasp/yosys";

const MEMORY = readFileSync(new URL("../rtl/memory.v", import.meta.url), "utf8");
const WIDTHS = [16, 18, 22, 30, 32, 54, 64, 128];
const COMMANDS = {
  xc7: "synth_xilinx -family xc7 -noiopad -noclkbuf -run begin:map_ffram -top top",
  ecp5: "synth_ecp5 -noflatten -run begin:map_ffs -top top",
};
const CELLS = {
  RAMB36E1: [1, 0],
  RAMB18E1: [0.5, 0],
  DP16KD: [1, 0],
  RAM32M: [0, 4],
  RAM64M: [0, 4],
  TRELLIS_DPR16X4: [0, 4],
};

/** Blocks and look-up tables of memories of 16 to 128 bits and 2 to 8192 words. */
export async function measureMemories(family) {
  const shapes = WIDTHS.flatMap((width) => Array.from({ length: width < 128 ? 13 : 10 }, (_, i) => [width, i + 1]));
  let low = 0;
  const instances = shapes.map(([width, depth]) => {
    const address = `[${depth - 1}:0]`;
    const ports = `clk, w, wa${address}, d[${width - 1}:0], ra${address}, q[${low}+:${width}]`;
    low += width;
    return `${nameOf(width, depth)} u_${width}_${depth} (${ports});`;
  });
  const inputs = "input clk, w, input [12:0] wa, ra, input [127:0] d";
  const top = `module top (${inputs}, output [${low - 1}:0] q);\n${instances.join("\n")}\nendmodule\n`;
  const files = {
    "memory.v": MEMORY,
    "top.v": [top, ...shapes.map(([width, depth]) => holder(width, depth))].join(""),
  };
  const script = `read_verilog memory.v top.v; hierarchy -top top; ${COMMANDS[family]}; tee -q -o counts.json stat -json`;
  const written = await runYosys(["-q", "-p", script], files, { decodeASCII: true });
  const { modules } = JSON.parse(written["counts.json"]);
  return shapes.map(([width, depth]) => {
    // The module around a memory names it, as Yosys calls it for its parameters.
    const [memory] = Object.keys(modules[`\\${nameOf(width, depth)}`].num_cells_by_type);
    const cells = modules[memory].num_cells_by_type;
    let [blockRam, lutRam] = [0, 0];
    for (const [type, [blocks, tables]] of Object.entries(CELLS)) {
      blockRam += blocks * (cells[type] ?? 0);
      lutRam += tables * (cells[type] ?? 0);
    }
    return { family, width, depth, blockRam, lutRam };
  });
}

function nameOf(width, depth) {
  return `memory_${width}_${depth}`;
}

/** A module with nothing but one memory. */
function holder(width, depth) {
  const address = `[${depth - 1}:0]`;
  const ports = `input clk, w, input ${address} wa, input [${width - 1}:0] d, input ${address} ra, output [${width - 1}:0] q`;
  const memory = `memory #(.WIDTH(${width}), .ADDRESS_WIDTH(${depth})) u_memory (clk, w, wa, d, ra, q);`;
  return `module ${nameOf(width, depth)} (${ports});\n${memory}\nendmodule\n`;
}
