// Simulates a Verilog file of your own: node main.js [wasm|icarus|verilator]
import { readFileSync } from "node:fs";
import { elaborateDesign, openSimulation, openWaveFile } from "circulant/simulate";

const text = readFileSync(new URL("smooth.v", import.meta.url), "utf8");
const design = await elaborateDesign({
  sources: [{ name: "smooth.v", text }],
  top: "smooth",
  parameters: { LOG2_SAMPLES: 5 },
  trace: [{ name: "mean", enable: "write_o", ports: ["place_o", "mean_o"] }],
});
console.log("memories", design.memories.map(({ path, width, depth }) => `${path}: ${depth} x ${width}`).join(", "));

const samples = Int16Array.from({ length: 32 }, (_, i) => (i % 8 < 4 ? 1000 : -1000));
const waves = openWaveFile("smooth.vcd");
const simulation = await openSimulation(process.argv[2] ?? "wasm", design);
const { cycles, memories, trace } = await simulation.run({
  inputs: { count_i: samples.length },
  load: [{ path: "samples", words: Uint32Array.from(samples, (sample) => sample & 0xffff) }],
  read: [{ path: "means", offset: 0, count: samples.length }],
  maxCycles: 1000,
  trace: true,
  waves: { from: 0, to: 15, write: waves.write },
});
waves.close();
simulation.dispose();

const means = Int16Array.from(memories[0], (word) => word);
console.log("cycles", cycles);
console.log("means", means.join(" "));
console.log("first written in cycle", trace.mean.cycles[0], "at", trace.mean.ports.place_o[0]);
