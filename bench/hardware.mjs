// The streaming engine on large layers: cycles a vector in a steady stream, simulated and by the exact model (they must be
// equal), how busy the multipliers are, the dense-equivalent and real operations a cycle, and an estimate of energy. After a
// build:
//   node bench/hardware.mjs [--json] [--quick]
// --quick leaves out all but the first configuration.
import { parseArgs } from "node:util";
import { ENERGY, nanojoules } from "../dist/design/energy.js";
import { multipliers, openPipeline, pipelineCycles, singleProgram } from "../dist/rtl/index.js";

const { values } = parseArgs({ options: { json: { type: "boolean" }, quick: { type: "boolean" } } });
const VECTORS = 6;
/** Dynamic power of an FPGA's look-up tables over an ASIC's cells: Kuon and Rose, IEEE TCAD 26 (2), 2007. */
const FABRIC = 14;

/** Paths, blocks and words of a beat; in x out of a layer and its block size. */
const ALL = [
  { paths: 4, blocks: 16, stream: 8, sides: [1024, 1024], k: 64 },
  { paths: 8, blocks: 16, stream: 16, sides: [1024, 1024], k: 64 },
  { paths: 8, blocks: 16, stream: 16, sides: [2048, 2048], k: 128 },
  { paths: 8, blocks: 16, stream: 16, sides: [4096, 4096], k: 256 },
  { paths: 4, blocks: 32, stream: 8, sides: [2048, 2048], k: 64 },
];

const rows = [];
for (const { paths, blocks, stream, sides, k } of values.quick ? ALL.slice(0, 1) : ALL) {
  const operation = layer(sides, k);
  const program = singleProgram(operation);
  const shape = { LOG2_PATHS: Math.log2(paths), BLOCKS: blocks, LOG2_STREAM: Math.log2(stream) };
  const engine = await openPipeline(program, { shape });
  const { outputs, times, busy } = await engine.run(words(VECTORS * sides[0]));
  const model = pipelineCycles(engine.program, VECTORS);
  if (JSON.stringify(model.times) !== JSON.stringify([...times]))
    throw new Error(`cycles: ${model.times}, got ${times}`);
  if (!outputs.some((word) => word !== 0)) throw new Error("outputs: expected words, got zeros");
  const steady = times[VECTORS - 1] - times[VECTORS - 2];
  const [p, q] = [sides[1] / k, sides[0] / k];
  const products = p * q * (k / 2 + 1);
  const energy = nanojoules({ operations: [operation] }, ENERGY);
  rows.push({
    layer: `${sides.join(" x ")}, k = ${k}`,
    multipliers: blocks * paths,
    real: multipliers(engine.program.parameters).total,
    latency: times[0],
    steady,
    bound: products / (blocks * paths),
    busy: busy.product / VECTORS / steady,
    equivalent: (2 * sides[0] * sides[1]) / steady,
    // A complex product is eight real operations, a real butterfly's ten are counted for all stages but the first.
    operations: (8 * p * q * (k / 2) + (p + q) * (k / 4) * (10 * (Math.log2(k) - 1) + 4)) / steady,
    nanojoules: energy,
    // Watts at 100 MHz, and dense-equivalent operations a second for each watt, 10^12: at any clock the same.
    watts: (FABRIC * energy * 1e-9 * 100e6) / steady,
    equivalentPerWatt: (2 * sides[0] * sides[1]) / (FABRIC * energy * 1e-9) / 1e12,
  });
  engine.dispose();
}
if (values.json) console.log(JSON.stringify(rows, null, 1));
else {
  const columns = ["layer", "multipliers", "real", "latency", "steady", "bound", "busy", "equivalent", "operations"];
  columns.push("nanojoules", "watts", "equivalentPerWatt");
  const text = rows.map((row) =>
    columns.map((name) => (typeof row[name] === "number" ? String(+row[name].toFixed(2)) : row[name])),
  );
  const widths = columns.map((name, i) => Math.max(name.length, ...text.map((row) => row[i].length)));
  for (const row of [columns, ...text]) console.log(row.map((cell, i) => cell.padStart(widths[i])).join("  "));
}

function words(count) {
  let state = 1;
  return Int16Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state >> 16;
  });
}

function layer([inputs, outputs], k) {
  const [p, q] = [outputs / k, inputs / k];
  const weights = words(p * q * k).map((word) => word >> 6);
  const bias = words(outputs).map((word) => word >> 4);
  return {
    op: "dense",
    in: inputs,
    out: outputs,
    k,
    weights,
    bias,
    forward: k - 1,
    inverse: 0,
    shift: 12,
    activation: { kind: "relu" },
  };
}
