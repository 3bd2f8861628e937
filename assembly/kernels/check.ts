// What the reader of a model file does to every byte and every weight. In JavaScript the first run of it takes longer than
// all else that loads a model.

/**
 * Folds `count` blocks of 64 bytes into the state of SHA-256.
 *
 * @param state    8 words
 * @param rounds   the 64 constants
 * @param schedule 64 words of scratch
 * @see FIPS 180-4
 */
export function sha256(state: usize, rounds: usize, schedule: usize, blocks: usize, count: i32): void {
  const end = blocks + (<usize>count << 6);
  const filled = schedule + 256;
  for (; blocks < end; blocks += 64) {
    for (let t: usize = 0; t < 64; t += 4) store<u32>(schedule + t, bigEndian(load<u32>(blocks + t)));
    for (let w = schedule + 64; w < filled; w += 4) {
      const x = load<u32>(w - 60);
      const y = load<u32>(w - 8);
      const s0 = right(x, 7) ^ right(x, 18) ^ (x >> 3);
      const s1 = right(y, 17) ^ right(y, 19) ^ (y >> 10);
      store<u32>(w, load<u32>(w - 64) + s0 + load<u32>(w - 28) + s1);
    }
    let a = load<u32>(state);
    let b = load<u32>(state, 4);
    let c = load<u32>(state, 8);
    let d = load<u32>(state, 12);
    let e = load<u32>(state, 16);
    let f = load<u32>(state, 20);
    let g = load<u32>(state, 24);
    let h = load<u32>(state, 28);
    for (let t: usize = 0; t < 256; t += 4) {
      const sum = h + sigma1(e) + choice(e, f, g) + load<u32>(rounds + t) + load<u32>(schedule + t);
      h = g;
      g = f;
      f = e;
      e = d + sum;
      d = c;
      c = b;
      b = a;
      // b, c and d are now the a, b and c of this round
      a = sum + sigma0(b) + majority(b, c, d);
    }
    store<u32>(state, load<u32>(state) + a);
    store<u32>(state, load<u32>(state, 4) + b, 4);
    store<u32>(state, load<u32>(state, 8) + c, 8);
    store<u32>(state, load<u32>(state, 12) + d, 12);
    store<u32>(state, load<u32>(state, 16) + e, 16);
    store<u32>(state, load<u32>(state, 20) + f, 20);
    store<u32>(state, load<u32>(state, 24) + g, 24);
    store<u32>(state, load<u32>(state, 28) + h, 28);
  }
}

/** Rotates right. V8's first compiler calls a function of C for the instruction. */
// @ts-ignore: decorator
@inline
function right(x: u32, n: u32): u32 {
  return (x >> n) | (x << (32 - n));
}

/** `bswap` without the rotations of the compiler's own. */
// @ts-ignore: decorator
@inline
function bigEndian(x: u32): u32 {
  return (x >> 24) | ((x >> 8) & 0xff00) | ((x << 8) & 0xff0000) | (x << 24);
}

// @ts-ignore: decorator
@inline
function sigma0(a: u32): u32 {
  return right(a, 2) ^ right(a, 13) ^ right(a, 22);
}

// @ts-ignore: decorator
@inline
function sigma1(e: u32): u32 {
  return right(e, 6) ^ right(e, 11) ^ right(e, 25);
}

// @ts-ignore: decorator
@inline
function choice(e: u32, f: u32, g: u32): u32 {
  return g ^ (e & (f ^ g));
}

// @ts-ignore: decorator
@inline
function majority(a: u32, b: u32, c: u32): u32 {
  return (a & b) | (c & (a | b));
}

/**
 * What the bins of a row of blocks can add to an accumulator at the most: for bins 0 .. k/2 the sum over the blocks of
 * |wr| + |wi|, of one word for bins 0 and k/2.
 *
 * @param words  `blocks` blocks of k words, 16384 at the most, so that no sum reaches 2^31
 * @param sums   k int32, overwritten, the first k/2 + 1 with the result
 * @see docs/arithmetic.md, section 7
 */
export function sumMagnitudes(words: usize, blocks: i32, k: i32, sums: usize): void {
  const block = <usize>k << 1;
  const end = words + <usize>blocks * block;
  memory.fill(sums, 0, block << 1);
  if (k < 8) {
    for (; words < end; words += block) {
      for (let at: usize = 0; at < block; at += 2) addTo(sums + (at << 1), abs(<i32>load<i16>(words + at)));
    }
  } else {
    for (; words < end; words += block) {
      for (let at: usize = 0; at < block; at += 16) {
        const magnitudes = i16x8.abs(v128.load(words + at));
        const sum = sums + (at << 1);
        v128.store(sum, i32x4.add(v128.load(sum), i32x4.extend_low_i16x8_u(magnitudes)));
        v128.store(sum, i32x4.add(v128.load(sum, 16), i32x4.extend_high_i16x8_u(magnitudes)), 16);
      }
    }
  }
  for (let bin: usize = 1; bin < <usize>k >> 1; bin++) {
    addTo(sums + (bin << 2), load<i32>(sums + ((<usize>k - bin) << 2)));
  }
}

// @ts-ignore: decorator
@inline
function addTo(sum: usize, magnitude: i32): void {
  store<i32>(sum, load<i32>(sum) + magnitude);
}
