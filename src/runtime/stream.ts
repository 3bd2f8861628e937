/** Chunks as one array. */
export function joinChunks(chunks: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/**
 * All bytes of a stream, which is cancelled where it gives more than `limit`.
 *
 * @param tooLong the error for that many bytes or more; what reading the stream throws is passed on
 */
export async function readAll(
  stream: ReadableStream<Uint8Array>,
  limit: number,
  tooLong: (length: number) => Error,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return joinChunks(chunks, length);
    chunks.push(value);
    length += value.length;
    if (length <= limit) continue;
    await reader.cancel();
    throw tooLong(length);
  }
}
