import { jsonReply, type Reply } from "./call.ts";
import { type AskedOutput, HEADER_LENGTH, type InferRequest } from "./infer-request.ts";
import type { ServedModel } from "./served-model.ts";

/** The answer to a request for inference: its outputs as JSON, or as bytes behind it. */
export function inferReply(name: string, model: ServedModel, request: InferRequest, words: Int16Array): Reply {
  const { id, count, isBatch, outputs } = request;
  const shape = isBatch ? [count, ...model.output.dims] : model.output.dims;
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const tensors = outputs.map((asked) => {
    const { datatype, data } = dataOf(asked, model, words);
    const tensor = { name: asked.name, datatype, shape };
    if (!asked.binary) return { ...tensor, data: Array.from(data) };
    parts.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    return { ...tensor, parameters: { binary_data_size: data.byteLength } };
  });
  const head = {
    model_name: name,
    ...(model.version === undefined ? {} : { model_version: model.version }),
    ...(id === undefined ? {} : { id }),
    outputs: tensors,
  };
  return parts.length === 0 ? jsonReply(200, head) : binaryReply(head, parts);
}

function dataOf({ name }: AskedOutput, { output }: ServedModel, words: Int16Array) {
  if (name === "words") return { datatype: "INT16", data: Int16Array.from(words) };
  const unit = 2 ** -output.fractionBits;
  return { datatype: "FP32", data: Float32Array.from(words, (word) => word * unit) };
}

function binaryReply(head: unknown, parts: readonly Uint8Array<ArrayBuffer>[]): Reply {
  const json = new TextEncoder().encode(JSON.stringify(head));
  const body = new Uint8Array(parts.reduce((bytes, part) => bytes + part.length, json.length));
  body.set(json);
  let at = json.length;
  for (const part of parts) {
    body.set(part, at);
    at += part.length;
  }
  const headers = { "content-type": "application/octet-stream", [HEADER_LENGTH]: String(json.length) };
  return { status: 200, headers, body };
}
