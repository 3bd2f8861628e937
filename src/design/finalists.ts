import { createHash } from "node:crypto";
import type { EngineParameters } from "../rtl/parameters.ts";
import { type FamilyName, familyOf, type Resources } from "../synth/family.ts";
import { checkBlocks } from "../synth/guards.ts";
import { sampleProgram } from "../synth/sample.ts";
import { type EngineSubject, engineSubject, pipelineSubject } from "../synth/subject.ts";
import { synthesise } from "../synth/synthesise.ts";
import type { EngineFigures } from "./engines.ts";
import type { Journal } from "./journal.ts";
import type { RunProgress } from "./stage.ts";

/** What synthesis counts of an engine, whose netlist was simulated. */
export interface EngineSynthesis {
  readonly family: FamilyName;
  readonly tool: string;
  readonly resources: Resources;
  /** What was compared, in words. */
  readonly checked: string;
}

/** What finalists are chosen by. */
interface Candidate {
  readonly accuracy: number;
  readonly engine: EngineFigures;
  readonly misses: readonly string[];
}

/** The first of the points by what they miss, then by right answers, until so many engines are among them. */
export function chooseFinalists<T extends Candidate>(points: readonly T[], engines: number): readonly T[] {
  const ordered = [...points].sort((a, b) => a.misses.length - b.misses.length || b.accuracy - a.accuracy);
  const chosen = new Set<string>();
  return ordered.filter(({ engine }) => {
    const key = JSON.stringify(engine.parameters);
    if (!chosen.has(key) && chosen.size < engines) chosen.add(key);
    return chosen.has(key);
  });
}

/**
 * Synthesises the engine of each point, every engine once, and simulates its netlist; what the journal has is not done again.
 *
 * @returns what was counted, by the text of the engine's parameters
 * @throws SynthesisError if a netlist gives another word than its Verilog
 * @throws SimulationError if Yosys is not installed
 */
export async function synthesiseEngines(
  engines: readonly EngineFigures[],
  familyName: FamilyName,
  journal: Journal,
  onProgress: (progress: Pick<RunProgress, "job" | "finished" | "jobs">) => void,
): Promise<ReadonlyMap<string, EngineSynthesis>> {
  const family = familyOf(familyName);
  const different = new Map(engines.map(({ parameters }) => [JSON.stringify(parameters), parameters]));
  const counted = new Map<string, EngineSynthesis>();
  for (const [key, parameters] of different) {
    const id = `synthesis ${familyName} ${createHash("sha256").update(key).digest("hex").slice(0, 16)}`;
    onProgress({ job: id, finished: counted.size, jobs: different.size });
    if (!journal.entries.has(id)) {
      const started = performance.now();
      const { design, check } = subjectOf(parameters);
      const synthesis = await synthesise(design, family);
      checkBlocks(synthesis);
      const checked = await check(synthesis);
      const { tool, resources } = synthesis;
      const result: EngineSynthesis = { family: familyName, tool, resources, checked };
      journal.add(id, result, {}, Number(((performance.now() - started) / 1000).toFixed(1)));
    }
    counted.set(key, journal.entries.get(id)?.result as EngineSynthesis);
  }
  return counted;
}

function subjectOf(parameters: EngineFigures["parameters"]): EngineSubject {
  return "BLOCKS" in parameters ? pipelineSubject(parameters) : laneSubject(parameters);
}

/** The engine by its parameters alone: what its memories hold changes no count, since the rest of them is random words. */
function laneSubject(parameters: EngineParameters): EngineSubject {
  return engineSubject(sampleProgram(parameters), parameters);
}
