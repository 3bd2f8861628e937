import { readFileSync } from "node:fs";

const start = performance.now();
const { InferenceSession, Tensor, env } = await import("onnxruntime-web");
env.wasm.numThreads = 1;
const imported = performance.now();
const [, , modelFile, pixelFile] = process.argv;
const options = { executionProviders: ["wasm"] };
const session = await InferenceSession.create(readFileSync(modelFile), options);
const loaded = performance.now();
const pixels = Float32Array.from(readFileSync(pixelFile), (pixel) => (pixel / 255 - 0.1307) / 0.3081);
const { output } = await session.run({ input: new Tensor("float32", pixels, [1, 784]) });
const answered = performance.now();

const { largest, reportStages } = await import("./report.mjs");
reportStages([start, imported, loaded, answered], largest(output.data));
