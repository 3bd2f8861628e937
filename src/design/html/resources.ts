import type { ModelResources } from "../../synth/resources.ts";
import { engineName } from "../engine-choice.ts";
import type { DesignReport, Point } from "../report.ts";
import type { Mark } from "./client.ts";
import { amount, escaped, nameOf } from "./format.ts";

/** Cells that a resource model tells; look-up tables that are memory are told among the others. */
export const CELLS = [
  ["dsp", "multiplier blocks"],
  ["lut", "look-up tables"],
  ["ff", "registers"],
  ["blockRam", "blocks of memory"],
] as const;

/** Numbers of {@link CELLS}; undefined where the model has none. */
export function cellsOf(taken: ModelResources): readonly (number | undefined)[] {
  const { dsp, lut, lutRam = 0, ff, blockRam } = taken;
  return [dsp, lut === undefined ? undefined : lut + lutRam, ff, blockRam];
}

export function cellText(taken: ModelResources): string {
  const cells = cellsOf(taken);
  return CELLS.map(([, title], i) => `${cells[i] === undefined ? "not told" : amount(cells[i])} ${title}`).join(", ");
}

export function synthesisDetails(synthesis: NonNullable<Point["synthesis"]>): Mark["details"] {
  const { family, tool, resources, checked, misses } = synthesis;
  return [
    [`${family}, ${tool}`, cellText(resources)],
    ["netlist", checked],
    ["limits, synthesised", misses.length === 0 ? "kept" : `over: ${misses.join(", ")}`],
  ];
}

/** Model and synthesis of every engine that was synthesised, side by side. */
export function resourceSection({ points, config }: DesignReport): string {
  const finalists = points.filter(({ synthesis }) => synthesis !== undefined);
  if (finalists.length === 0) return "";
  const rows = finalists.map((point) => {
    const { engine, synthesis } = point;
    const model = engine.resources === undefined ? [] : cellsOf(engine.resources);
    const cells = (synthesis === undefined ? [] : cellsOf(synthesis.resources)).map((value, i) => {
      return `<td>${amount(model[i])}</td><td>${amount(value)}</td>`;
    });
    const over = synthesis?.misses.join(", ") ?? "";
    return `<tr><td>${escaped(nameOf(point))}</td><td>${engineName(engine.engine)}</td>${cells.join("")}<td>${over}</td></tr>`;
  });
  const head = CELLS.map(([, title]) => `<th>${title}, model</th><th>synthesis</th>`).join("");
  return `<h2>Engines of the finalists</h2>
<p class="quiet">Synthesised for ${escaped(config.target.device?.family ?? "")} by ${escaped(finalists[0].synthesis?.tool ?? "")}; each netlist was
simulated against its Verilog or the reference before its cells were counted.</p>
<div class="scroll"><table><thead><tr><th>point</th><th>engine</th>${head}<th>over</th></tr></thead><tbody>${rows.join("")}</tbody></table></div>
`;
}
