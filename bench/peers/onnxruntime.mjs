import * as native from "onnxruntime-node";
import * as web from "onnxruntime-web";
import { FORMS, onnxForm } from "./onnx-forms.mjs";

web.env.wasm.numThreads = 1;
web.env.logLevel = "error";
native.env.logLevel = "error";

const RUNTIMES = {
  "onnxruntime-web": { ort: web, options: { executionProviders: ["wasm"], logSeverityLevel: 3 } },
  "onnxruntime-node": {
    ort: native,
    options: { executionProviders: ["cpu"], intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 },
  },
};

/**
 * The dense form in both runtimes and all forms, one thread each.
 *
 * @param reals inputs of `batch` items, NHWC
 */
export async function onnxruntimeContenders(dense, { reals, batch, ranges, forms = FORMS }) {
  const contenders = [];
  for (const [runtime, { ort, options }] of Object.entries(RUNTIMES)) {
    for (const form of forms) {
      const session = await ort.InferenceSession.create(onnxForm(dense, form, batch, ranges), options);
      const input = new ort.Tensor("float32", toNchw(dense, reals, batch), inputDims(dense, batch));
      contenders.push({
        name: `${runtime} ${form}`,
        async: true,
        items: batch,
        call: () => session.run({ input }),
        answer: async () => (await session.run({ input })).output.data.slice(),
        release: () => session.release(),
      });
    }
  }
  return contenders;
}

function inputDims({ shape, operations }, batch) {
  const [height, width, channels] = shape;
  const isPicture = operations.some(({ op }) => op === "conv2d");
  return isPicture ? [batch, channels, height, width] : [batch, height * width * channels];
}

function toNchw({ shape, operations }, reals, batch) {
  const [height, width, channels] = shape;
  if (channels === 1 || !operations.some(({ op }) => op === "conv2d")) return reals;
  const pixels = height * width;
  const moved = new Float32Array(reals.length);
  for (let n = 0, from = 0; n < batch; n++) {
    for (let pixel = 0; pixel < pixels; pixel++) {
      for (let c = 0; c < channels; c++, from++) moved[(n * channels + c) * pixels + pixel] = reals[from];
    }
  }
  return moved;
}
