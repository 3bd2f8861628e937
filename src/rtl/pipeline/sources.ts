import { engineSources, RTL_FOLDER, type VerilogSource, verilogOf } from "../sources.ts";

/** The modules of the streaming engine and its benches, with those of the small engine that both are made of. */
export function pipelineSources(folder: string = RTL_FOLDER): readonly VerilogSource[] {
  const shared = engineSources(folder).filter(({ name }) => !name.endsWith("_bench.v"));
  return [...shared, ...verilogOf(`${folder}/pipeline`), ...verilogOf(`${RTL_FOLDER}/pipeline/bench`)];
}
