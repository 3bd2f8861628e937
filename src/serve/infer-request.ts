import { InputError, RequestError, ShapeError } from "../errors.ts";
import { volume } from "../model/shape.ts";
import type { Numbers, ServedModel } from "./served-model.ts";
import { show } from "./show.ts";
import { type InputType, inputType, itemsOf, numbersFromBytes, numbersFromJson } from "./tensor-data.ts";

/** Tensors that a model gives: real values, and the words that they are. */
export const OUTPUT_NAMES = ["output", "words"] as const;

/** An output that is asked for. */
export interface AskedOutput {
  readonly name: (typeof OUTPUT_NAMES)[number];
  /** As bytes behind the JSON. */
  readonly binary: boolean;
}

/** A request for inference, checked against its model. */
export interface InferRequest {
  readonly id?: string;
  readonly numbers: Numbers;
  readonly count: number;
  /** False for one item without a batch side. */
  readonly isBatch: boolean;
  readonly outputs: readonly AskedOutput[];
}

/**
 * Reads the body of a request for inference: JSON, JSON with binary tensors behind it, or one raw tensor.
 *
 * @param headerBytes length of the JSON; undefined if the body has no binary part, 0 for a raw tensor of real values
 * @throws RequestError | InputError | ShapeError with what was expected
 * @see https://github.com/kserve/open-inference-protocol; Triton's binary tensor data extension
 */
export function readInferRequest(
  body: Uint8Array<ArrayBuffer>,
  headerBytes: number | undefined,
  model: ServedModel,
  maxBatch: number,
): InferRequest {
  if (headerBytes === 0) return readRaw(body, model, maxBatch);
  if (headerBytes !== undefined && headerBytes > body.length) {
    throw new RequestError(400, `${HEADER_LENGTH}: expected at most ${body.length}, the body, got ${headerBytes}`);
  }
  const request = parseObject(body.subarray(0, headerBytes ?? body.length));
  const { id, inputs, outputs, parameters } = request;
  if (id !== undefined && typeof id !== "string") throw new InputError(`id: expected a string, got ${show(id)}`);
  const options = objectOf(parameters, "parameters");
  const asked = readOutputs(outputs, flag(options.binary_data_output, "binary_data_output"));
  const tensors = readInput(
    inputs,
    headerBytes === undefined ? undefined : body.subarray(headerBytes),
    model,
    maxBatch,
  );
  return { ...(id === undefined ? {} : { id }), ...tensors, outputs: asked };
}

/** The header that gives the length of the JSON before binary tensors. */
export const HEADER_LENGTH = "Inference-Header-Content-Length";

function readRaw(body: Uint8Array<ArrayBuffer>, { input }: ServedModel, maxBatch: number): InferRequest {
  const itemBytes = 4 * volume(input.dims);
  if (body.length === 0 || body.length % itemBytes !== 0) {
    throw new ShapeError(`body: expected FP32 items of ${itemBytes} bytes, got ${body.length} bytes`);
  }
  const count = checkCount(body.length / itemBytes, maxBatch);
  const numbers = numbersFromBytes(body, "FP32", body.length / 4);
  return { numbers, count, isBatch: true, outputs: OUTPUT_NAMES.map((name) => ({ name, binary: true })) };
}

function parseObject(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    return objectOf(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)), "body", true);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`body: expected JSON in UTF-8 (${error instanceof Error ? error.message : String(error)})`);
  }
}

function objectOf(value: unknown, what: string, required = false): Readonly<Record<string, unknown>> {
  if (value === undefined && !required) return {};
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new InputError(`${what}: expected an object, got ${show(value)}`);
}

function readInput(
  inputs: unknown,
  binary: Uint8Array<ArrayBuffer> | undefined,
  { input: { name, dims } }: ServedModel,
  maxBatch: number,
): Pick<InferRequest, "numbers" | "count" | "isBatch"> {
  if (!Array.isArray(inputs) || inputs.length !== 1) {
    throw new InputError(`inputs: expected an array of one tensor, ${show(name)}, got ${show(inputs)}`);
  }
  const tensor = objectOf(inputs[0], "inputs[0]", true);
  if (tensor.name !== name) throw new InputError(`inputs[0].name: expected ${show(name)}, got ${show(tensor.name)}`);
  const type = inputType(tensor.datatype);
  const items = itemsOf(tensor.shape, dims);
  const count = checkCount(items ?? 1, maxBatch);
  const numbers = readNumbers(tensor, type, count * volume(dims), binary);
  return { numbers, count, isBatch: items !== undefined };
}

function readNumbers(
  tensor: Readonly<Record<string, unknown>>,
  type: InputType,
  length: number,
  binary: Uint8Array<ArrayBuffer> | undefined,
): Numbers {
  const { binary_data_size: size } = objectOf(tensor.parameters, "inputs[0].parameters");
  if (size === undefined) {
    if (binary?.length) throw new ShapeError(`body: expected no bytes behind the JSON, got ${binary.length}`);
    return numbersFromJson(tensor.data, type, tensor.shape as readonly number[]);
  }
  if (tensor.data !== undefined) throw new InputError("inputs[0]: expected data or binary_data_size, got both");
  if (binary === undefined) {
    throw new RequestError(400, `${HEADER_LENGTH}: expected the JSON's length with binary_data_size, got none`);
  }
  if (size !== binary.length) {
    throw new ShapeError(`binary_data_size: expected ${binary.length}, the bytes behind the JSON, got ${show(size)}`);
  }
  return numbersFromBytes(binary, type, length);
}

function checkCount(count: number, maxBatch: number): number {
  if (count <= maxBatch) return count;
  throw new ShapeError(`input shape: expected at most ${maxBatch} items a request, got ${count}; send them in parts`);
}

function readOutputs(outputs: unknown, binary: boolean): readonly AskedOutput[] {
  if (outputs === undefined) return OUTPUT_NAMES.map((name) => ({ name, binary }));
  if (!Array.isArray(outputs) || outputs.length === 0 || outputs.length > OUTPUT_NAMES.length) {
    throw new InputError(`outputs: expected an array of ${OUTPUT_NAMES.join(", ")}, got ${show(outputs)}`);
  }
  return outputs.map((output: unknown, i) => {
    const { name: given, parameters } = objectOf(output, `outputs[${i}]`, true);
    const name = OUTPUT_NAMES.find((known) => known === given);
    if (!name) throw new InputError(`outputs[${i}].name: expected ${OUTPUT_NAMES.join(" or ")}, got ${show(given)}`);
    const { binary_data: own } = objectOf(parameters, `outputs[${i}].parameters`);
    return { name, binary: own === undefined ? binary : flag(own, "binary_data") };
  });
}

function flag(value: unknown, name: string): boolean {
  if (value === undefined || typeof value === "boolean") return value ?? false;
  throw new InputError(`${name}: expected true or false, got ${show(value)}`);
}
