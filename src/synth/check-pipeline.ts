import { SynthesisError } from "../errors.ts";
import { axiDesign, PIPELINE_IN_AXI, runAxi } from "../rtl/pipeline/axi.ts";
import { loadStream } from "../rtl/pipeline/load.ts";
import { log2Ceil, type PipelineParameters } from "../rtl/pipeline/parameters.ts";
import { type PipelineOptions, programFor } from "../rtl/pipeline/program.ts";
import type { EngineProgram } from "../rtl/program.ts";
import type { SimulatorName } from "../rtl/simulate/design.ts";
import { openSimulation } from "../rtl/simulate/open.ts";
import { netlistDesign } from "./resimulate.ts";
import type { Synthesis } from "./synthesise.ts";

/** A network, vectors for it one after the other, and the words that it must give. */
export interface NetworkCase {
  readonly program: EngineProgram;
  readonly inputs: Int16Array;
  readonly outputs: Int16Array;
}

export interface PipelineCheckOptions extends Pick<PipelineOptions, "slots" | "entries" | "buffers"> {
  readonly simulator?: SimulatorName;
}

/**
 * Simulates the netlist of the streaming engine: network after network is loaded through AXI4-Lite, its vectors sent through
 * AXI4-Stream, and every word compared.
 *
 * @param parameters the engine was synthesised with
 * @returns words compared
 * @throws SynthesisError naming the first word that differs
 * @throws SimulationError if a network needs a larger engine
 */
export async function checkPipeline(
  synthesis: Synthesis,
  parameters: PipelineParameters,
  cases: readonly NetworkCase[],
  options: PipelineCheckOptions = {},
): Promise<number> {
  const runs = cases.map((it) => {
    const program = programFor(it.program, parameters, options);
    return { ...it, program, writes: loadStream(program) };
  });
  // No larger than needed: the netlist has memories with initial words, and so those of the bench are read with theirs.
  const widths = {
    command: log2Ceil(Math.max(...runs.map(({ writes }) => writes.length)) + 1),
    stream: log2Ceil(Math.max(...runs.flatMap(({ inputs, outputs }) => [inputs.length, outputs.length])) + 1),
  };
  const design = await netlistDesign(synthesis, axiDesign(parameters, widths), PIPELINE_IN_AXI);
  const simulation = await openSimulation(options.simulator ?? "wasm", design);
  try {
    let words = 0;
    for (const [number, { outputs, ...run }] of runs.entries()) {
      const { outputs: actual } = await runAxi(simulation, run);
      const at = outputs.findIndex((word, index) => word !== actual[index]);
      if (at >= 0) {
        throw new SynthesisError(
          `circulant_pipeline (${synthesis.family.name}): expected ${outputs[at]} from the netlist, got ${actual[at]}, ` +
            `word ${at} of network ${number}`,
          { family: synthesis.family.name, top: synthesis.design.top, network: number, index: at },
        );
      }
      words += outputs.length;
    }
    return words;
  } finally {
    simulation.dispose();
  }
}
