/** Fractional parts of the n-th roots of the first primes as 32-bit words: the constants of SHA-256. */
function rootsOfPrimes(count: number, root: (prime: number) => number): Int32Array {
  const words = new Int32Array(count);
  for (let n = 2, found = 0; found < count; n++) {
    let divisor = 2;
    while (n % divisor !== 0) divisor++;
    if (divisor === n) words[found++] = (root(n) % 1) * 0x100000000;
  }
  return words;
}

export const SHA256_ROUNDS = rootsOfPrimes(64, Math.cbrt);
const INITIAL = rootsOfPrimes(8, Math.sqrt);

/** Folds whole blocks of 64 bytes into the state of 8 words. */
export type Compress = (state: Int32Array, blocks: Uint8Array) => void;

/**
 * SHA-256 of the parts one after another, synchronous and without a platform's crypto.
 *
 * @returns 64 lower-case hexadecimal digits
 * @see FIPS 180-4
 */
export function sha256(...parts: readonly Uint8Array[]): string {
  const schedule = new Int32Array(64);
  return sha256With((state, blocks) => {
    for (let at = 0; at < blocks.length; at += 64) compressBlock(state, schedule, blocks, at);
  }, parts);
}

/** `sha256` with another realisation of its inner loop. */
export function sha256With(compress: Compress, parts: readonly Uint8Array[]): string {
  const state = INITIAL.slice();
  const rest = new Uint8Array(64);
  let filled = 0;
  let length = 0;
  for (const part of parts) {
    let at = 0;
    if (filled > 0) {
      at = Math.min(64 - filled, part.length);
      rest.set(part.subarray(0, at), filled);
      filled = (filled + at) % 64;
      if (at > 0 && filled === 0) compress(state, rest);
    }
    const end = at + ((part.length - at) & ~63);
    compress(state, part.subarray(at, end));
    at = end;
    if (at < part.length) {
      rest.set(part.subarray(at));
      filled = part.length - at;
    }
    length += part.length;
  }
  rest.fill(0, filled);
  rest[filled] = 0x80;
  if (filled >= 56) {
    compress(state, rest);
    rest.fill(0);
  }
  new DataView(rest.buffer).setBigUint64(56, BigInt(length) * 8n);
  compress(state, rest);
  return Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}

/** Folds the 64 bytes that start at `at` into the state. */
function compressBlock(state: Int32Array, w: Int32Array, bytes: Uint8Array, at: number): void {
  for (let t = 0; t < 16; t++, at += 4) {
    w[t] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
  }
  for (let t = 16; t < 64; t++) {
    const x = w[t - 15];
    const y = w[t - 2];
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[t] = (w[t - 16] + s0 + w[t - 7] + s1) | 0;
  }
  // destructuring takes an iterator: three times as long
  let a = state[0];
  let b = state[1];
  let c = state[2];
  let d = state[3];
  let e = state[4];
  let f = state[5];
  let g = state[6];
  let h = state[7];
  for (let t = 0; t < 64; t++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + SHA256_ROUNDS[t] + w[t]) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
}
