import { readFileSync } from "node:fs";
import { sliceImages } from "../../src/data/images.ts";
import { readImageSet } from "../../src/data/read.ts";
import { Session } from "../../src/index.ts";

const url = (path: string) => new URL(`../../${path}`, import.meta.url);

/** The shipped network of dense layers, and its file. */
export const MODEL_FILE = url("models/mnist-mlp.safetensors").pathname;
export const MODEL_BYTES = new Uint8Array(readFileSync(MODEL_FILE));
export const openSession = (): Session => Session.createSync(MODEL_BYTES);

/** The pixels of `count` sample digits from the i-th on. */
export function digits(count: number, i = 0): Uint8Array<ArrayBuffer> {
  const set = readImageSet(url("examples/digits").pathname, "test");
  return Uint8Array.from(sliceImages(set, i, i + count).images);
}

export const INFER = "http://server/v2/models/mnist/infer";

/** A request for inference in JSON. */
export function jsonRequest(body: unknown, address = INFER, headers: Record<string, string> = {}): Request {
  return new Request(address, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

/** A body of JSON with a tensor behind it, and its headers. */
export function binaryBody(head: unknown, bytes: Uint8Array) {
  const json = new TextEncoder().encode(JSON.stringify(head));
  const body = new Uint8Array(json.length + bytes.length);
  body.set(json);
  body.set(bytes, json.length);
  return {
    body,
    headers: { "content-type": "application/octet-stream", "inference-header-content-length": String(json.length) },
  };
}

/** A request for inference with a tensor behind its JSON. */
export function binaryRequest(head: unknown, bytes: Uint8Array, address = INFER): Request {
  return new Request(address, { method: "POST", ...binaryBody(head, bytes) });
}

export const bytesOf = (numbers: Float32Array | Int16Array | Uint8Array): Uint8Array =>
  new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);

/** The one input of a request. */
export function tensor(datatype: string, shape: readonly number[], rest: Readonly<Record<string, unknown>>) {
  return { name: "input", datatype, shape, ...rest };
}

interface InferAnswer {
  readonly outputs: readonly {
    readonly name: string;
    readonly datatype: string;
    readonly shape: readonly number[];
    readonly data?: readonly number[];
    readonly parameters?: { readonly binary_data_size: number };
  }[];
  readonly [field: string]: unknown;
}

/** The JSON of an answer, and its binary outputs in order. */
export async function readAnswer(response: Response) {
  const body = new Uint8Array(await response.arrayBuffer());
  const length = Number(response.headers.get("inference-header-content-length") ?? body.length);
  const json = JSON.parse(new TextDecoder().decode(body.subarray(0, length))) as InferAnswer;
  let at = length;
  const binary = (json.outputs ?? []).flatMap(({ parameters }) => {
    if (!parameters) return [];
    at += parameters.binary_data_size;
    return [body.slice(at - parameters.binary_data_size, at)];
  });
  return { json, binary };
}
