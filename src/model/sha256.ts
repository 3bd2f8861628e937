/** Fractional parts of the cube roots of the first 64 primes, 32 bits each. */
// biome-ignore format: a table
export const SHA256_ROUNDS = Int32Array.of(
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
);

/** Fractional parts of the square roots of the first 8 primes, 32 bits each. */
// biome-ignore format: a table
const INITIAL = Int32Array.of(
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
);

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
