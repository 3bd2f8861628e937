import { type Command, Option } from "commander";
import type { Backend } from "../runtime/backend.ts";
import { Session } from "../runtime/session.ts";
import { classify } from "./classify.ts";
import { loadModel } from "./files.ts";
import { readLabelled } from "./inputs.ts";
import { sizeOf } from "./size.ts";

/** Adds `circulant eval`. */
export function addEval(program: Command): void {
  program
    .command("eval")
    .description("classify the test images of a folder and count the right answers")
    .argument("<model>", "model file")
    .requiredOption("--data <dir>", "folder with test images: IDX files, CIFAR-10 batches or PNG images")
    .addOption(new Option("--backend <name>", "what runs the model").choices(["wasm", "reference"]).default("wasm"))
    .option("--json", "print the result as one JSON object")
    .action(runEval);
}

function runEval(file: string, options: { data: string; backend: Backend["name"]; json?: boolean }): void {
  const { model, bytes } = loadModel(file);
  const set = readLabelled(options.data, "test", model);
  using session = Session.fromModel(model, { backend: options.backend });
  const { accuracy, count, digest, microsecondsPerInference } = classify(session, set);
  const { denseWeightBytes, fileCompression } = sizeOf(model, bytes.length);
  if (options.json) {
    const size = { bytes: bytes.length, denseWeightBytes, compression: fileCompression };
    console.log(
      JSON.stringify({ accuracy, count, ...size, digest, microsecondsPerInference, backend: session.backend }),
    );
    return;
  }
  console.log(`accuracy   ${(100 * accuracy).toFixed(2)} %, ${Math.round(accuracy * count)} of ${count} images`);
  console.log(`size       ${bytes.length} bytes, ${fileCompression.toFixed(1)} times less than dense float32`);
  console.log(`outputs    SHA-256 ${digest}`);
  console.log(`time       ${microsecondsPerInference.toFixed(1)} us an image (${session.backend}, median of passes)`);
}
