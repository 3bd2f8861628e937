import type { EngineCycles, Phase } from "../../src/rtl/cycles.ts";
import { PHASES } from "../../src/rtl/cycles.ts";
import type { Engine } from "../../src/rtl/engine.ts";
import { PERIOD } from "../../src/rtl/simulate/vcd.ts";
import { bitsAt, parseVcd } from "./simulate/vcd.ts";

/** A state that the sequencer was in, of the operation that its layer names. */
export interface ObservedPhase {
  readonly operation: number;
  readonly phase: Phase;
  readonly cycles: number;
}

/** What a run showed: the states of the sequencer, one after the other, and the cycles from the first beat in to the last out. */
export interface ObservedCycles {
  readonly phases: readonly ObservedPhase[];
  readonly total: number;
}

const SEQUENCER = "u_engine.u_sequencer";

/** Runs vectors and reads the sequencer's states from the waveform. */
export async function observePhases(engine: Engine, x: Int16Array): Promise<ObservedCycles> {
  const pieces: string[] = [];
  const scopes = [`${SEQUENCER}.state_q`, `${SEQUENCER}.layer_o`];
  const { cycles } = await engine.run(x, { waves: { scopes, write: (text) => pieces.push(text) } });
  const signals = parseVcd(pieces.join(""));
  const [state, layer] = scopes.map((name) => {
    const signal = signals.get(`engine_bench.${name}`);
    if (signal === undefined) throw new Error(`expected ${name} in the dump, got ${[...signals.keys()]}`);
    return signal;
  });
  const phases = state.changes.slice(0, -1).map(([time, bits], i) => ({
    operation: Number.parseInt(bitsAt(layer, time) ?? "", 2),
    phase: PHASES[Number.parseInt(bits, 2)],
    cycles: (state.changes[i + 1][0] - time) / PERIOD,
  }));
  // The bench ends a run while the last result is being sent: how long that took, the total says.
  return { phases, total: cycles };
}

/** The first place where a run of `count` vectors did not take the model's cycles; nothing if it did everywhere. */
export function firstCyclesDifference(
  model: EngineCycles,
  count: number,
  observed: ObservedCycles,
): string | undefined {
  const ofVector = model.operations.flatMap((phases, operation) => phases.map((it) => ({ operation, ...it })));
  const expected = Array.from({ length: count }, () => ofVector)
    .flat()
    .slice(0, -1);
  const length = Math.max(expected.length, observed.phases.length);
  for (let i = 0; i < length; i++) {
    const [there, seen] = [expected[i], observed.phases[i]].map(describePhase);
    if (there !== seen)
      return `vector ${Math.floor(i / ofVector.length)}: the model has ${there}, the simulation ${seen}`;
  }
  const total = model.total + (count - 1) * model.steady;
  if (total !== observed.total)
    return `${count} vectors: the model has ${total} cycles, the simulation ${observed.total}`;
  return undefined;
}

function describePhase(phase: ObservedPhase | undefined): string {
  return phase ? `operation ${phase.operation}, ${phase.phase}, ${phase.cycles} cycles` : "nothing";
}
