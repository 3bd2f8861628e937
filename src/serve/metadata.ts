import type { ServedModel } from "./served-model.ts";
import { INPUT_TYPES } from "./tensor-data.ts";

/** Of the server, as `GET /v2` answers; the version is the package's. */
export const SERVER_METADATA = { name: "circulant", version: "0.1.0", extensions: ["binary_tensor_data"] };

/** Of a model, as `GET /v2/models/NAME` answers; -1 is the side of the batch. */
export function modelMetadata(name: string, { version, input, output, labels }: ServedModel) {
  const { name: inputName, dims, fractionBits } = input;
  const shape = [-1, ...output.dims];
  return {
    name,
    ...(version === undefined ? {} : { versions: [version] }),
    platform: "circulant_safetensors",
    inputs: [
      {
        name: inputName,
        datatype: "FP32",
        shape: [-1, ...dims],
        parameters: { datatypes: Object.keys(INPUT_TYPES), fraction_bits: fractionBits },
      },
    ],
    outputs: [
      { name: "output", datatype: "FP32", shape, parameters: { labels } },
      { name: "words", datatype: "INT16", shape, parameters: { fraction_bits: output.fractionBits } },
    ],
  };
}
