/** A request as the protocol sees it, whatever server took it. */
export interface Call {
  /** When it came, by `performance.now()`; if not given, when it is answered. */
  readonly arrived?: number;
  /** True if it came when as much waited as may: an inference is refused. */
  readonly isLate?: boolean;
  readonly method: string;
  /** The address without host and query. */
  readonly path: string;
  /** The value of a header, its name in lower case. */
  readonly header: (name: string) => string | null | undefined;
  /** Reads the body. @throws RequestError 413 if it is longer than the limit */
  readonly body: (limitBytes: number) => Promise<Uint8Array<ArrayBuffer>>;
}

/** The answer to a call. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array<ArrayBuffer>;
}

/** An answer in JSON. */
export function jsonReply(status: number, value: unknown, headers: Reply["headers"] = {}): Reply {
  return { status, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(value) };
}
