import { RequestError } from "../errors.ts";
import { readAll } from "../runtime/stream.ts";

/** The error for a body that is too long. */
export function bodyTooLong(limitBytes: number, got: number): RequestError {
  return new RequestError(413, `body: expected at most ${limitBytes} bytes, got ${got} or more; send it in parts`);
}

/** The error for a body whose sender went away. */
export function bodyCut(cause: unknown): RequestError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new RequestError(400, `body: expected all of it, got a part (${why})`);
}

/** @throws RequestError 413 if the header Content-Length says more than the limit */
export function checkDeclaredLength(header: string | null | undefined, limitBytes: number): void {
  const declared = Number(header ?? 0);
  if (declared > limitBytes) throw bodyTooLong(limitBytes, declared);
}

/**
 * Reads the body of a `Request`.
 *
 * @throws RequestError 413 if it is longer than the limit, 400 if it ends early
 */
export async function readRequestBody(request: Request, limitBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  checkDeclaredLength(request.headers.get("content-length"), limitBytes);
  if (!request.body) return new Uint8Array(0);
  const tooLong = (length: number) => bodyTooLong(limitBytes, length);
  return readAll(request.body, limitBytes, tooLong).catch((cause: unknown) => {
    throw cause instanceof RequestError ? cause : bodyCut(cause);
  });
}
