import { fieldError } from "./fields.ts";
import { DIGEST_OFFSET, encodeHeader, NO_DIGEST, placeTensors } from "./header.ts";
import type { Model, ModelLayer } from "./model.ts";
import { readModel } from "./read.ts";
import { sha256 } from "./sha256.ts";
import { volume } from "./shape.ts";

/**
 * The model as the bytes of a model file: a safetensors file that carries its program, its versions and its digest.
 * A model has one encoding; what is written has been read back.
 *
 * @throws ModelFileError if the model does not hold: a shape, a format, a word out of range
 * @throws OverflowError if an accumulator could wrap
 * @see docs/model-file.md
 */
export function writeModel(model: Model): Uint8Array {
  for (const layer of model.layers) checkLengths(layer);
  const header = encodeHeader(model, NO_DIGEST);
  const tensors = model.layers.flatMap(layerTensors);
  const words = tensors.reduce((sum, tensor) => sum + tensor.length, 0);
  const file = new Uint8Array(header.length + 2 * words);
  file.set(header);
  const view = new DataView(file.buffer);
  let at = header.length;
  for (const tensor of tensors) {
    for (let i = 0; i < tensor.length; i++, at += 2) view.setInt16(at, tensor[i], true);
  }
  file.set(new TextEncoder().encode(sha256(file)), DIGEST_OFFSET);
  readModel(file, { bytes: file.length, headerBytes: header.length });
  return file;
}

/** In the order of `placeTensors`. */
function layerTensors({ weights, bias, activation }: ModelLayer): readonly Int16Array[] {
  return activation.kind === "table" ? [weights, bias, activation.table] : [weights, bias];
}

/** What the file cannot show once it is written: tensors of other lengths, schedules of more stages. */
function checkLengths(layer: ModelLayer): void {
  const tensors = layerTensors(layer);
  for (const [i, { name, shape }] of placeTensors([layer]).entries()) {
    const words = volume(shape);
    if (tensors[i].length !== words) throw fieldError(name, `${words} words`, tensors[i].length);
  }
  for (const key of ["forward", "inverse"] as const) {
    const most = layer.k - 1;
    if (layer[key] > most) throw fieldError(`${layer.name}.${key}`, `a schedule from 0 to ${most}`, layer[key]);
  }
}
