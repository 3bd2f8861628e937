import { fileURLToPath } from "node:url";
import { styleText } from "node:util";
import type { Command } from "commander";
import type { ImageSet } from "../data/images.ts";
import { readImageSet } from "../data/read.ts";
import { Session } from "../runtime/session.ts";
import { classify } from "./classify.ts";
import { loadModel } from "./files.ts";
import { sizeOf } from "./size.ts";

const MODEL = fileURLToPath(new URL("../../models/mnist-mlp.safetensors", import.meta.url));
const DIGITS = fileURLToPath(new URL("../../examples/digits", import.meta.url));

/** Digits shown: the wrong answers first. */
const SHOWN = 6;
const SHOWN_IN_A_ROW = 3;

/** Adds `circulant demo`. */
export function addDemo(program: Command): void {
  program
    .command("demo")
    .description("classify the shipped sample digits with the shipped model and show some of them")
    .action(runDemo);
}

function runDemo(): void {
  const { model, bytes } = loadModel(MODEL);
  const set = readImageSet(DIGITS, "test");
  using session = Session.fromModel(model);
  const { accuracy, answers, microsecondsPerInference } = classify(session, set);
  const { denseWeightBytes, fileCompression } = sizeOf(model, bytes.length);
  for (const row of pictures(set, answers)) console.log(row);
  const layers = model.operations.filter((operation) => operation.op === "dense");
  const shape = [layers[0].in, ...layers.map((layer) => layer.out)].join("-");
  console.log(`network    ${shape}, block-circulant, k = ${layers.map((layer) => layer.k).join(", ")}`);
  console.log(`accuracy   ${(100 * accuracy).toFixed(2)} % on ${set.count} sample digits`);
  console.log(
    `size       ${bytes.length} bytes; dense float32 ${denseWeightBytes} bytes: ${fileCompression.toFixed(1)} times`,
  );
  console.log(`time       ${microsecondsPerInference.toFixed(1)} us a digit (WebAssembly, one thread, one at a time)`);
}

/** Some digits with their answers, side by side. */
function pictures(set: ImageSet, answers: Uint8Array): string[] {
  const numbers = [...answers.keys()];
  const wrong = numbers.filter((i) => answers[i] !== set.labels[i]).slice(0, 2);
  const right = numbers.filter((i) => answers[i] === set.labels[i]).slice(0, SHOWN - wrong.length);
  const shown = [...right, ...wrong];
  const lines: string[] = [];
  for (let at = 0; at < shown.length; at += SHOWN_IN_A_ROW) {
    const row = shown.slice(at, at + SHOWN_IN_A_ROW);
    const drawn = row.map((i) => draw(set, i));
    for (let line = 0; line < drawn[0].length; line++) lines.push(drawn.map((picture) => picture[line]).join("  "));
    lines.push(row.map((i) => caption(answers[i], set.labels[i], set.width)).join("  "), "");
  }
  return lines;
}

/** Two rows of pixels a line, each half of a character cell. */
function draw({ images, width, height }: ImageSet, i: number): string[] {
  const ink = (row: number, column: number) => images[(i * height + row) * width + column] > 96;
  const cells = [" ", "▄", "▀", "█"];
  return Array.from({ length: height >> 1 }, (_, line) =>
    Array.from({ length: width }, (_, column) => {
      return cells[(ink(2 * line, column) ? 2 : 0) + (ink(2 * line + 1, column) ? 1 : 0)];
    }).join(""),
  );
}

function caption(answer: number, label: number, width: number): string {
  if (answer === label) return styleText("green", `answer ${answer}`.padEnd(width));
  return styleText("red", `answer ${answer}, but it is ${label}`.padEnd(width));
}
