import { engineSources, RTL_FOLDER, type VerilogSource, verilogOf } from "../sources.ts";

/** The modules of the streaming engine and its benches, with those of the small engine that both are made of. */
export function pipelineSources(folder: string = RTL_FOLDER): readonly VerilogSource[] {
  const shared = engineSources(folder).filter(({ name }) => !name.endsWith("_bench.v"));
  return [...shared, ...verilogOf(`${folder}/pipeline`), ...verilogOf(`${RTL_FOLDER}/pipeline/bench`)];
}

/** The modules that stand under a module, itself among them. */
export function modulesUnder(top: string, sources: readonly VerilogSource[]): readonly VerilogSource[] {
  const byName = new Map(sources.map((source) => [source.name.replace(/\.v$/, ""), source]));
  const found = new Set<string>();
  const visit = (name: string) => {
    const source = byName.get(name);
    if (source === undefined || found.has(name)) return;
    found.add(name);
    for (const [, used] of source.text.matchAll(/^\s*(\w+)\s+(?:#\(|u_\w+\s*\()/gm)) visit(used);
  };
  visit(top);
  return sources.filter(({ name }) => found.has(name.replace(/\.v$/, "")));
}
