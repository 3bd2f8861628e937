import { InputError, ModelFileError } from "../errors.ts";
import { messageOf } from "./message.ts";
import { readAll } from "./stream.ts";
import { typeName } from "./tensor.ts";

/** Where a model file comes from; a string is an address. */
export type ModelSource = Uint8Array | ArrayBuffer | Response | ReadableStream<Uint8Array> | URL | string;

/**
 * The bytes of a model file.
 *
 * @param limit the most bytes to take
 * @throws ModelFileError if the address does not answer with a file, or with one that is too long
 */
export async function readSource(source: ModelSource, limit: number, signal?: AbortSignal): Promise<Uint8Array> {
  if (isAddress(source)) return readResponse(await fetchModel(String(source), signal), limit);
  if (isResponse(source)) return readResponse(source, limit);
  if (isStream(source)) return readStream(source, limit);
  const bytes = bytesOf(source);
  if (bytes.length > limit) throw tooLong(limit, bytes.length);
  return bytes;
}

const isAddress = (source: unknown): source is string | URL => /^(String|URL)$/.test(typeName(source));
const isResponse = (source: unknown): source is Response => typeName(source) === "Response";
const isStream = (source: unknown): source is ReadableStream<Uint8Array> => typeName(source) === "ReadableStream";
const isShared = (source: unknown): source is SharedArrayBuffer => typeName(source) === "SharedArrayBuffer";
const isBuffer = (source: unknown): source is ArrayBuffer => typeName(source) === "ArrayBuffer";

/**
 * The bytes of an array or a buffer, copied only out of memory that another thread could write while they are checked.
 *
 * @throws InputError if it is neither
 */
export function bytesOf(source: unknown): Uint8Array {
  if (isShared(source)) return new Uint8Array(new Uint8Array(source));
  if (isBuffer(source)) return new Uint8Array(source);
  if (ArrayBuffer.isView(source)) {
    const bytes = new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
    return isShared(source.buffer) ? new Uint8Array(bytes) : bytes;
  }
  throw new InputError(`model: expected the bytes of a model file or where to read them, got ${typeName(source)}`);
}

async function fetchModel(address: string, signal: AbortSignal | undefined): Promise<Response> {
  try {
    return await fetch(address, signal ? { signal } : {});
  } catch (error) {
    if (signal?.aborted) throw error;
    const why = `${address} (${messageOf(error)})`;
    throw new ModelFileError(
      `model file: expected an address that fetch can read, got ${why}; a local file's bytes can be passed`,
      { field: "address", address },
    );
  }
}

async function readResponse(response: Response, limit: number): Promise<Uint8Array> {
  if (!response.ok) {
    throw new ModelFileError(`model file: expected the file at ${response.url}, got HTTP status ${response.status}`, {
      field: "address",
      address: response.url,
      status: response.status,
    });
  }
  return response.body ? readStream(response.body, limit) : new Uint8Array(await response.arrayBuffer());
}

function readStream(stream: ReadableStream<Uint8Array>, limit: number): Promise<Uint8Array> {
  return readAll(stream, limit, () => tooLong(limit, "more"));
}

function tooLong(limit: number, got: number | string): ModelFileError {
  return new ModelFileError(`model file: size: expected at most ${limit} bytes, the caller's limit, got ${got}`, {
    field: "size",
  });
}
