// The simulators of the package.
import { availableSimulators, openSimulation } from "../../dist/rtl/simulate/open.js";

const MOST_CYCLES = 2 ** 30;

export async function openSimulator(name, { design, load, request, outputWords }) {
  const found = availableSimulators()[name];
  if (!found.available) return { reason: found.reason };
  const simulation = await openSimulation(name, design);
  let pending = load;
  return {
    async run(count) {
      const { stream, inputs } = request(count);
      const read = [{ path: "u_outputs.mem", offset: 0, count: count * outputWords }];
      const loads = [...pending, { path: "u_inputs.mem", words: stream }];
      pending = [];
      const started = performance.now();
      const { cycles, memories } = await simulation.run({ inputs, load: loads, read, maxCycles: MOST_CYCLES });
      return { cycles, seconds: (performance.now() - started) / 1000, words: memories[0] };
    },
  };
}
