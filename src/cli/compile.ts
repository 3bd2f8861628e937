import type { Command } from "commander";
import { type CompileReport, compile, type WeightBits } from "../compile/compile.ts";
import type { OperationReport, ProductReport } from "../compile/measure.ts";
import { spreadImages } from "../data/images.ts";
import { writeModel } from "../model/write.ts";
import { readCheckpoint } from "../train/checkpoint.ts";
import { normalise } from "../train/network.ts";
import { checkWritable, readBytes, writeWhole } from "./files.ts";
import { calibrationCount, readLabelled } from "./inputs.ts";
import { parseCount, parseMargin, parseWeightBits } from "./numbers.ts";
import { progressBar } from "./progress.ts";
import { formatTable } from "./table.ts";

interface CompileArguments {
  readonly data: string;
  readonly out: string;
  readonly calibration?: number;
  readonly margin: number;
  readonly correction: boolean;
  readonly weightBits?: WeightBits;
  readonly report?: string;
  readonly json?: boolean;
}

/** Adds `circulant compile`. */
export function addCompile(program: Command): void {
  program
    .command("compile")
    .description("compile a checkpoint to a model file: 16-bit formats chosen, accumulators proved not to wrap")
    .argument("<checkpoint>", "what circulant train wrote")
    .requiredOption("--data <dir>", "folder of the training images, to calibrate on")
    .requiredOption("--out <file>", "model file to write, .safetensors")
    .option("--calibration <n>", "training images to calibrate on (default: 500, with convolutions 128)", parseCount)
    .option("--margin <factor>", "how much larger words may become without saturation", parseMargin, 1.25)
    .option(
      "--weight-bits <bits>",
      "bits of a weight in the file, 8 to 16, or of layers: dense1=9,dense2=8",
      parseWeightBits,
    )
    .option("--no-correction", "leave the mean error of the arithmetic in the biases")
    .option("--report <file>", "write everything that was chosen and measured, as JSON")
    .option("--json", "print the report as JSON")
    .action(runCompile);
}

function runCompile(file: string, args: CompileArguments): void {
  const { network } = readCheckpoint(readBytes(file), file);
  for (const out of [args.out, args.report]) if (out) checkWritable(out);
  const set = readLabelled(args.data, "train", network);
  const images = spreadImages(set, args.calibration ?? calibrationCount(network)).map((image) =>
    normalise(network.input, image),
  );
  const bar = progressBar("operations", network.operations.length);
  const { model, report } = compile(network, images, {
    margin: args.margin,
    correctBias: args.correction,
    weightBits: args.weightBits,
    onOperation: (done) => bar.update(done),
  });
  bar.stop();
  const bytes = writeModel(model);
  writeWhole(args.out, bytes);
  const json = JSON.stringify({ checkpoint: file, model: args.out, bytes: bytes.length, ...report }, null, 1);
  if (args.report) writeWhole(args.report, `${json}\n`);
  process.stdout.write(args.json ? `${json}\n` : formatReport(args.out, bytes.length, report));
}

function formatReport(out: string, bytes: number, report: CompileReport): string {
  const { operations, memory } = report;
  const choices = ["layer", "size", "block", "fraction bits", "forward", "shift", "inverse", "headroom", "bias error"];
  const quality = ["operation", "output", "weights", "spectra", "products", "outputs", "network", "saturated"];
  const folds = operations.flatMap(({ name, product }) => (product?.fold ? [foldRow(name, product)] : []));
  return [
    ...(folds.length === 0 ? [] : [formatTable(["layer", "largest weight", "folded", "difference"], folds), FOLDS]),
    formatTable(choices, operations.flatMap(choiceRow)),
    "Fraction bits of input, weights and output. Headroom: bits between the proved bound of the accumulators and 2^31.",
    "Bias error: mean error of the pre-activations in their last bit, before and after correction.",
    formatTable(quality, operations.map(qualityRow)),
    "Signal-to-noise ratios in dB: each operation by itself, and all up to it against the float network.",
    `memory: ${memory.words} words, ${memory.bytes} bytes for ${memory.tensors.length} tensors; no plan takes less than ` +
      `${memory.leastWords} words, side by side they take ${memory.totalWords}`,
    `${out}: ${bytes} bytes; ${report.calibration} calibration inputs, ` +
      `${(100 * report.agreement).toFixed(2)} % answered as by the float network`,
    "",
  ].join("\n");
}

const FOLDS = "Batch normalisation folded into the weights. Difference: of pre-activations, over the largest of them.";

function foldRow(name: string, { fold }: ProductReport): string[] {
  if (!fold) return [];
  return [name, fold.peakBefore.toPrecision(3), fold.peakAfter.toPrecision(3), fold.difference.toExponential(1)];
}

function choiceRow({ name, op, format, product }: OperationReport): string[][] {
  if (!product) return [];
  const { bias, accumulator } = product;
  const row = [
    name,
    op === "depthwise" ? String(product.out) : `${product.in} x ${product.out}`,
    String(product.k),
    `${format.input} ${format.weight} ${format.output}`,
    product.forward,
    String(product.shift),
    product.inverse,
    accumulator.headroomBits.toFixed(2),
    `${bias.errorBefore.toFixed(2)} -> ${bias.errorAfter.toFixed(2)}`,
  ];
  return [row];
}

function qualityRow({ name, output, product, points, network }: OperationReport): string[] {
  const { spectra, products, outputs } = points;
  const ratio = (point?: { readonly decibels: number }) => point?.decibels.toFixed(1) ?? "";
  const saturated = [spectra, products, outputs].reduce((sum, point) => sum + (point?.saturated ?? 0), 0);
  const clipped = product ? product.weights.clipped + product.bias.clipped : 0;
  const ratios = [product?.weights, spectra, products, outputs, network].map(ratio);
  return [name, output.join(" x "), ...ratios, String(saturated + clipped)];
}
