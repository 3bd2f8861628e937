// Whether this engine makes the words that the reference made.

/** Pixels of a sample digit. */
const PIXELS = 28 * 28;

/**
 * Runs the sample digits.
 *
 * @param {import("circulant").Session} session
 * @param {Uint8Array} images
 * @returns {Promise<{ digest: string, milliseconds: number, count: number }>} SHA-256, hexadecimal, of all output words
 *   in order, int16, little endian
 * @throws Error where the page is not served securely: SHA-256 is there only over HTTPS and on localhost
 */
export async function digestOf(session, images) {
  if (!globalThis.crypto?.subtle) throw new Error("SHA-256 needs HTTPS or localhost; serve the page there");
  const count = images.length / PIXELS;
  const started = performance.now();
  const { words } = session.runSync({ input: images });
  const milliseconds = performance.now() - started;
  const bytes = new DataView(new ArrayBuffer(2 * words.data.length));
  words.data.forEach((word, at) => {
    bytes.setInt16(2 * at, word, true);
  });
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const digest = Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return { digest, milliseconds, count };
}

/** Microseconds of one inference: the median of passes that are long enough for the page's clock. */
export function timeInference(session) {
  const PASSES = 5;
  const PASS_MILLISECONDS = 2;
  let runs = 1;
  const pass = () => {
    const started = performance.now();
    for (let i = 0; i < runs; i++) session.runViews();
    return performance.now() - started;
  };
  while (pass() < PASS_MILLISECONDS) runs *= 2;
  const times = Array.from({ length: PASSES }, pass).sort((a, b) => a - b);
  return (1000 * times[PASSES >> 1]) / runs;
}
