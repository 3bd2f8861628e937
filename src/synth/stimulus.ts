import { SynthesisError } from "../errors.ts";
import { type Design, limbs32, type SimulatorName } from "../rtl/simulate/design.ts";
import { openSimulation } from "../rtl/simulate/open.ts";
import { createRandom } from "./random.ts";
import { netlistDesign } from "./resimulate.ts";
import type { Synthesis } from "./synthesise.ts";

const BENCH = "stimulus_bench";
const LOG2_DEPTH = 12;
/** One cycle in so many is a reset. */
const RESET_EVERY = 64;
/** Cycles at the start whose words are not compared: registers without a reset fill. */
const SETTLE = 16;

export interface StimulusResult {
  readonly cycles: number;
  /** Words compared: output ports times cycles. */
  readonly words: number;
}

/**
 * Drives a module and its netlist with the same random words, resets among them, and compares every output in every
 * cycle.
 *
 * @throws SynthesisError naming port and cycle of the first difference
 */
export async function compareOnRandomInputs(
  synthesis: Synthesis,
  { seed = 1, simulator = "wasm" }: { readonly seed?: number; readonly simulator?: SimulatorName } = {},
): Promise<StimulusResult> {
  const cycles = 2 ** LOG2_DEPTH;
  const { inputs, outputs, design } = bench(synthesis);
  const words = stimulus(inputs, cycles, seed);
  const [expected, actual] = [
    await run(design, simulator, words, cycles),
    await run(await netlistDesign(synthesis, design, "u_dut"), simulator, words, cycles),
  ];
  const limbs = limbs32(design.memories[1].width);
  for (let cycle = SETTLE; cycle < cycles; cycle++) {
    let low = 0;
    for (const { name, width } of outputs) {
      for (let bit = low; bit < low + width; bit++) {
        const at = cycle * limbs + (bit >> 5);
        if (((expected[at] ^ actual[at]) >>> (bit & 31)) & 1) {
          throw new SynthesisError(
            `${synthesis.design.top} (${synthesis.family.name}): expected the netlist to give the words of the Verilog, got ` +
              `another ${name}, bit ${bit - low}, in cycle ${cycle}`,
            { family: synthesis.family.name, top: synthesis.design.top, port: name, cycle },
          );
        }
      }
      low += width;
    }
  }
  return { cycles: cycles - SETTLE, words: outputs.length * (cycles - SETTLE) };
}

interface PortWidth {
  readonly name: string;
  readonly width: number;
}

function bench({ ports, netlist, design }: Synthesis) {
  const built = netlist[0].ports;
  const side = (direction: string) =>
    Object.entries(ports)
      .filter(
        ([name, port]) => port.direction === direction && name !== "clk" && (direction === "input" || name in built),
      )
      .map(([name, { bits }]) => ({ name, width: bits.length }));
  const [inputs, outputs] = [side("input"), side("output")];
  const total = (list: readonly PortWidth[]) => list.reduce((sum, { width }) => sum + width, 0);
  const [inBits, outBits] = [total(inputs), total(outputs)];
  const slices = (list: readonly PortWidth[], from: string) => {
    let low = 0;
    return list.map(({ name, width }) => {
      const slice = `    .${name}(${from}[${low}+:${width}])`;
      low += width;
      return slice;
    });
  };
  const overrides = Object.entries(design.parameters).map(([name, value]) => `.${name}(${JSON.stringify(value)})`);
  const connections = [
    ...("clk" in ports ? ["    .clk(clk)"] : []),
    ...slices(inputs, "drive"),
    ...slices(outputs, "seen"),
  ];
  const text = `module ${BENCH} (input wire clk, input wire rst_i, input wire [31:0] count_i, output wire done_o);
  reg [${inBits - 1}:0] stimulus [0:${2 ** LOG2_DEPTH - 1}];
  reg [${outBits - 1}:0] results [0:${2 ** LOG2_DEPTH - 1}];
  reg [31:0] cycle_q;
  wire [${inBits - 1}:0] drive = stimulus[cycle_q[${LOG2_DEPTH - 1}:0]];
  wire [${outBits - 1}:0] seen;
  assign done_o = (cycle_q == count_i);
  always @(posedge clk) begin
    if (rst_i) cycle_q <= 32'd0;
    else if (!done_o) begin
      cycle_q <= cycle_q + 32'd1;
      results[cycle_q[${LOG2_DEPTH - 1}:0]] <= seen;
    end
  end
  ${design.top}${overrides.length > 0 ? ` #(${overrides.join(", ")})` : ""} u_dut (
${connections.join(",\n")}
  );
endmodule
`;
  const around: Design = {
    sources: [...design.sources, { name: `${BENCH}.v`, text }],
    top: BENCH,
    parameters: {},
    memories: [
      { path: "stimulus", width: inBits, depth: 2 ** LOG2_DEPTH },
      { path: "results", width: outBits, depth: 2 ** LOG2_DEPTH },
    ],
    trace: [],
    outputs: [],
  };
  return { inputs, outputs, design: around };
}

/** Random words for all inputs of each cycle; edge values are as frequent as others. */
function stimulus(inputs: readonly PortWidth[], cycles: number, seed: number): Uint32Array {
  const limbs = limbs32(inputs.reduce((sum, { width }) => sum + width, 0));
  const words = new Uint32Array(limbs * cycles);
  const random = createRandom(seed);
  for (let cycle = 0; cycle < cycles; cycle++) {
    let low = 0;
    for (const { name, width } of inputs) {
      const kind = random() % 4;
      for (let bit = low; bit < low + width; bit++) {
        const top = bit === low + width - 1;
        let one = random() >>> 31;
        if (name === "rst_i") one = cycle < SETTLE / 2 || random() % RESET_EVERY === 0 ? 1 : 0;
        else if (width > 1 && kind === 0) one = top ? 1 : 0;
        else if (width > 1 && kind === 1) one = top ? 0 : 1;
        words[cycle * limbs + (bit >> 5)] |= one << (bit & 31);
      }
      low += width;
    }
  }
  return words;
}

async function run(design: Design, simulator: SimulatorName, words: Uint32Array, cycles: number): Promise<Uint32Array> {
  const simulation = await openSimulation(simulator, design);
  try {
    const { memories } = await simulation.run({
      inputs: { count_i: cycles },
      load: [{ path: "stimulus", words }],
      read: [{ path: "results", offset: 0, count: cycles }],
      maxCycles: 2 * cycles,
    });
    return memories[0];
  } finally {
    simulation.dispose();
  }
}
