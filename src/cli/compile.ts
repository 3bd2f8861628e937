import { type Command, InvalidArgumentError } from "commander";
import type { CompileReport } from "../compile/compile.ts";
import { compile } from "../compile/compile.ts";
import type { LayerReport } from "../compile/measure.ts";
import { type ImageSet, imageBytes } from "../data/images.ts";
import { readImageSet } from "../data/read.ts";
import { writeModel } from "../model/write.ts";
import { readCheckpoint } from "../train/checkpoint.ts";
import { normalise } from "../train/network.ts";
import { parseCount, readBytes, writeWhole } from "./files.ts";
import { progressBar } from "./progress.ts";
import { formatTable } from "./table.ts";

interface CompileArguments {
  readonly data: string;
  readonly out: string;
  readonly calibration: number;
  readonly margin: number;
  readonly correction: boolean;
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
    .option("--calibration <n>", "number of training images to calibrate on", parseCount, 500)
    .option("--margin <factor>", "how much larger words may become without saturation", parseFactor, 1.25)
    .option("--no-correction", "leave the mean error of the arithmetic in the biases")
    .option("--report <file>", "write everything that was chosen and measured, as JSON")
    .option("--json", "print the report as JSON")
    .action(runCompile);
}

function runCompile(file: string, args: CompileArguments): void {
  const { network } = readCheckpoint(readBytes(file), file);
  const set = readImageSet(args.data, "train", network.labels?.length);
  const images = spread(set, args.calibration).map((image) => normalise(network.input, image));
  const bar = progressBar("layers", network.layers.length);
  const options = { margin: args.margin, correctBias: args.correction, onLayer: (done: number) => bar.update(done) };
  const { model, report } = compile(network, images, options);
  bar.stop();
  const bytes = writeModel(model);
  writeWhole(args.out, bytes);
  const json = JSON.stringify({ checkpoint: file, model: args.out, bytes: bytes.length, ...report }, null, 1);
  if (args.report) writeWhole(args.report, `${json}\n`);
  process.stdout.write(args.json ? `${json}\n` : formatReport(args.out, bytes.length, report));
}

/** `count` images, or all of them if there are fewer, from the whole of the set. */
function spread(set: ImageSet, count: number): readonly Uint8Array[] {
  const size = imageBytes(set);
  const taken = Math.min(count, set.count);
  return Array.from({ length: taken }, (_, n) => {
    const at = Math.floor((n * set.count) / taken) * size;
    return set.images.subarray(at, at + size);
  });
}

function formatReport(out: string, bytes: number, report: CompileReport): string {
  const choices = ["layer", "size", "block", "fraction bits", "forward", "shift", "inverse", "headroom", "bias error"];
  const quality = ["layer", "weights", "spectra", "products", "outputs", "network", "saturated"];
  return [
    formatTable(choices, report.layers.map(choiceRow)),
    "Fraction bits of input, weights and output. Headroom: bits between the proved bound of the accumulators and 2^31.",
    "Bias error: mean error of the pre-activations in their last bit, before and after correction.",
    formatTable(quality, report.layers.map(qualityRow)),
    "Signal-to-noise ratios in dB: each layer by itself, and all layers up to it against the float network.",
    `${out}: ${bytes} bytes; ${report.calibration} calibration inputs, ` +
      `${(100 * report.agreement).toFixed(2)} % answered as by the float network`,
    "",
  ].join("\n");
}

function choiceRow({ name, format, bias, accumulator, ...layer }: LayerReport): string[] {
  return [
    name,
    `${layer.in} x ${layer.out}`,
    String(layer.k),
    `${format.input} ${format.weight} ${format.output}`,
    layer.forward,
    String(layer.shift),
    layer.inverse,
    accumulator.headroomBits.toFixed(2),
    `${bias.errorBefore.toFixed(2)} -> ${bias.errorAfter.toFixed(2)}`,
  ];
}

function qualityRow({ name, weights, points, network, bias }: LayerReport): string[] {
  const { spectra, products, outputs } = points;
  const ratios = [weights, spectra, products, outputs, network].map(({ decibels }) => decibels.toFixed(1));
  const saturated = spectra.saturated + products.saturated + outputs.saturated + weights.clipped + bias.clipped;
  return [name, ...ratios, String(saturated)];
}

function parseFactor(text: string): number {
  const value = Number(text);
  if (!(value >= 1 && value <= 16)) throw new InvalidArgumentError("expected a number from 1 to 16");
  return value;
}
