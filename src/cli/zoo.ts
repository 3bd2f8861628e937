import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { loadModel } from "./files.ts";
import { percent } from "./percent.ts";
import { sizeOf } from "./size.ts";
import { formatTable } from "./table.ts";

const MODELS = new URL("../../models/", import.meta.url);

/** A shipped model and what was measured of it, as models/zoo.json has it; null for what was not. */
export interface ZooEntry {
  /** Its recipe is `name`.json, its file `name`.safetensors. */
  readonly name: string;
  readonly data: string;
  readonly network: string;
  /** Block sizes of its layers. */
  readonly blocks: string;
  /** Shares of the full test set: dense float32 by the same recipe, circulant float32, 16 bits in WebAssembly. */
  readonly accuracy: { readonly dense: number | null; readonly circulant: number; readonly deployed: number };
  readonly epochs: { readonly dense: number | null; readonly circulant: number };
  /** Training of the circulant network on two cores. */
  readonly seconds: number;
  /** Digests of the output words, as of `circulant eval`: on the full test set and on a shipped sample. */
  readonly outputs: string;
  readonly sample: { readonly folder: string; readonly outputs: string } | null;
}

/** Adds `circulant zoo`. */
export function addZoo(program: Command): void {
  program
    .command("zoo")
    .description("list the shipped models: data, accuracy, size, digest of their outputs")
    .option("--markdown", "print the table of docs/zoo.md")
    .option("--json", "print as JSON")
    .action(runZoo);
}

function runZoo(options: { readonly markdown?: boolean; readonly json?: boolean }): void {
  const zoo = readZoo();
  const list = () => zoo.map((entry) => ({ ...entry, ...shippedSize(entry) }));
  if (options.json) console.log(JSON.stringify(list(), null, 1));
  else if (options.markdown) process.stdout.write(markdown(zoo));
  else console.log(formatTable(HEAD, zoo.map(rowOf)));
}

/** The shipped models. */
export function readZoo(): readonly ZooEntry[] {
  return JSON.parse(readFileSync(new URL("zoo.json", MODELS), "utf8"));
}

/** The file of a shipped model. */
export function modelFile({ name }: ZooEntry): string {
  return fileURLToPath(new URL(`${name}.safetensors`, MODELS));
}

/** The table of the shipped models in Markdown. */
export function markdown(zoo: readonly ZooEntry[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(" | ")} |\n`;
  return line(HEAD) + line(HEAD.map(() => "---")) + zoo.map((entry) => line(rowOf(entry))).join("");
}

const HEAD = [
  ...["model", "data", "network", "blocks", "dense float32", "circulant float32", "16 bits"],
  ...["bytes", "smaller", "weights fewer", "epochs", "training"],
];

function rowOf(entry: ZooEntry): (string | number)[] {
  const { name, data, network, blocks, accuracy, epochs, seconds } = entry;
  const { bytes, compression, parameterCompression } = shippedSize(entry);
  const dense = accuracy.dense === null ? "not yet" : `${percent(accuracy.dense)} (${epochs.dense} epochs)`;
  return [
    ...[name, data, network, blocks, dense, percent(accuracy.circulant), percent(accuracy.deployed)],
    ...[bytes.toLocaleString("en"), `${compression.toFixed(1)}x`, `${parameterCompression.toFixed(1)}x`],
    ...[epochs.circulant, `${seconds.toLocaleString("en")} s`],
  ];
}

function shippedSize(entry: ZooEntry) {
  const { model, bytes } = loadModel(modelFile(entry));
  const { fileCompression, parameterCompression } = sizeOf(model, bytes.length);
  return { bytes: bytes.length, compression: fileCompression, parameterCompression };
}
