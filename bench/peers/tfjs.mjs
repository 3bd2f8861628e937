import { createRequire } from "node:module";
import { dirname } from "node:path";

const require = createRequire(import.meta.url);

/** TensorFlow.js on a backend that runs in Node without a native build: "wasm", one thread, or "cpu". */
export async function loadTfjs(backend) {
  const tf = require("@tensorflow/tfjs");
  tf.enableProdMode();
  const wasm = require("@tensorflow/tfjs-backend-wasm");
  wasm.setWasmPaths(`${dirname(require.resolve("@tensorflow/tfjs-backend-wasm"))}/`);
  if (!(await tf.setBackend(backend))) throw new Error(`tfjs: expected the backend ${backend}, got ${tf.getBackend()}`);
  await tf.ready();
  return tf;
}

/** The dense form in TensorFlow.js, fused operations, pictures NHWC. */
export async function tfjsContender(dense, { reals, batch }) {
  const tf = await loadTfjs("wasm");
  const steps = dense.operations.map((operation) => stepOf(tf, operation));
  const input = tf.tensor(reals, [batch, ...dense.shape]);
  const isPicture = dense.operations.some(({ op }) => op === "conv2d");
  const forward = () =>
    tf.tidy(() => steps.reduce((x, step) => step(x), isPicture ? input : input.reshape([batch, -1])));
  /** The answer is read, as the other runtimes give it. */
  const answer = () => {
    const output = forward();
    const data = output.dataSync();
    output.dispose();
    return data;
  };
  return { name: "tfjs-wasm float32", items: batch, call: answer, answer, release: () => tf.disposeVariables() };
}

function stepOf(tf, operation) {
  if (operation.op === "flatten") return (x) => x.reshape([x.shape[0], -1]);
  const { kernel, stride, pad, relu, in: inputs, out, weights } = operation;
  if (operation.op === "maxpool") return (x) => tf.maxPool(x, kernel, stride, pad);
  const activation = relu ? "relu" : "linear";
  const bias = tf.tensor(operation.bias);
  if (operation.op === "dense") {
    const b = tf.tensor(weights, [out, inputs]).transpose();
    return (a) => tf.fused.matMul({ a, b, bias, activation });
  }
  const filter = tf.tensor(weights, [...kernel, out, inputs]).transpose([0, 1, 3, 2]);
  return (x) => tf.fused.conv2d({ x, filter, strides: stride, pad, bias, activation });
}
