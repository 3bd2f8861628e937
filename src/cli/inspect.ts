import type { Command } from "commander";
import { formatSchedule } from "../fft/schedule.ts";
import { blockGrid } from "../layers/dense.ts";
import { type Model, type ModelLayer, NUMERICS_VERSION } from "../model/model.ts";
import { loadModel } from "./files.ts";
import { denseWeightBytes } from "./size.ts";
import { formatTable } from "./table.ts";

/** Adds `circulant inspect`. */
export function addInspect(program: Command): void {
  program
    .command("inspect")
    .description("show the layers of a model file, their formats, and their size against dense float32")
    .argument("<model>", "model file")
    .option("--json", "print as JSON")
    .action(runInspect);
}

function runInspect(file: string, options: { readonly json?: boolean }): void {
  const { model, bytes } = loadModel(file);
  const inspection = inspect(model, bytes.length);
  process.stdout.write(
    options.json ? `${JSON.stringify({ file, ...inspection }, null, 1)}\n` : format(file, inspection),
  );
}

/** Sizes in bytes; the dense ones are those of the same layers with a weight for every input and output, in float32. */
function inspect(model: Model, fileBytes: number) {
  const layers = model.layers.map(inspectLayer);
  const sum = (key: "weightBytes" | "tensorBytes") => layers.reduce((total, layer) => total + layer[key], 0);
  const [weightBytes, tensorBytes] = [sum("weightBytes"), sum("tensorBytes")];
  const dense = denseWeightBytes(model);
  return {
    numerics: NUMERICS_VERSION,
    input: model.input,
    labels: model.labels,
    layers,
    fileBytes,
    headerBytes: fileBytes - tensorBytes,
    weightBytes,
    denseWeightBytes: dense,
    weightCompression: dense / weightBytes,
    fileCompression: dense / fileBytes,
  };
}

function inspectLayer(layer: ModelLayer) {
  const { name, in: inputs, out, k, shift, activation } = layer;
  const stages = Math.log2(k);
  const tableBytes = activation.kind === "table" ? activation.table.byteLength : 0;
  const bounds = activation.kind === "clip" ? { bounds: [activation.lo, activation.hi] } : {};
  return {
    name,
    in: inputs,
    out,
    k,
    ...blockGrid(layer),
    format: layer.format,
    forward: formatSchedule(layer.forward, stages),
    shift,
    inverse: formatSchedule(layer.inverse, stages),
    activation: activation.kind,
    ...bounds,
    weightBytes: layer.weights.byteLength,
    tensorBytes: layer.weights.byteLength + layer.bias.byteLength + tableBytes,
    denseWeightBytes: denseWeightBytes({ layers: [layer] }),
  };
}

function format(file: string, inspection: ReturnType<typeof inspect>): string {
  const { input, layers, fileBytes, weightBytes, denseWeightBytes: dense } = inspection;
  const head = [
    "layer",
    "size",
    "grid",
    "fraction bits",
    "forward",
    "shift",
    "inverse",
    "activation",
    "weights",
    "dense",
  ];
  const rows = layers.map((layer) => [
    layer.name,
    `${layer.in} x ${layer.out}`,
    `${layer.p} x ${layer.q} of ${layer.k}`,
    `${layer.format.input} ${layer.format.weight} ${layer.format.output}`,
    layer.forward,
    layer.shift,
    layer.inverse,
    layer.activation,
    layer.weightBytes,
    layer.denseWeightBytes,
  ]);
  return [
    `${file}: numerics version ${inspection.numerics}, input ${input.shape.join(" x ")}, ` +
      `pixel v = (v / 255 - ${input.mean}) / ${input.deviation}`,
    formatTable(head, rows),
    `dense float32 weights: ${dense} bytes`,
    `weights alone: ${weightBytes} bytes, ${ratio(dense, weightBytes)} smaller`,
    `whole file: ${fileBytes} bytes (header ${inspection.headerBytes}), ${ratio(dense, fileBytes)} smaller`,
    "",
  ].join("\n");
}

function ratio(large: number, small: number): string {
  return `${(large / small).toFixed(1)} times`;
}
