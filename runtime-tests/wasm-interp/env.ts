// The self-test inside the engine (AssemblyScript): runs a model's program on every sample digit and hashes all output
// words. It is named for the module whose memory and functions it takes: the shipped kernels, merged with it as "env".

declare function run(program: usize, steps: i32): void;
declare function wordsFromPixels(pixels: usize, table: usize, words: usize, count: i32): void;

/** Where image.mjs puts the numbers of the test, then the constants of SHA-256, the pixels and room for the words. */
const NUMBERS: usize = 4 << 20;
const CONSTANTS: usize = NUMBERS + 64;
const SCHEDULE: usize = CONSTANTS + 256;
const STATE: usize = SCHEDULE + 256;

/** The words of the digest, in order; the first does the work. */
export function word0(): u32 {
  runAll();
  return load<u32>(STATE);
}
export function word1(): u32 {
  return load<u32>(STATE, 4);
}
export function word2(): u32 {
  return load<u32>(STATE, 8);
}
export function word3(): u32 {
  return load<u32>(STATE, 12);
}
export function word4(): u32 {
  return load<u32>(STATE, 16);
}
export function word5(): u32 {
  return load<u32>(STATE, 20);
}
export function word6(): u32 {
  return load<u32>(STATE, 24);
}
export function word7(): u32 {
  return load<u32>(STATE, 28);
}

function runAll(): void {
  const program = load<usize>(NUMBERS);
  const steps = load<i32>(NUMBERS, 4);
  const raw = load<usize>(NUMBERS, 8);
  const table = load<usize>(NUMBERS, 12);
  const input = load<usize>(NUMBERS, 16);
  const output = load<usize>(NUMBERS, 20);
  const items = load<i32>(NUMBERS, 24);
  const pixelBytes = load<i32>(NUMBERS, 28);
  const outputBytes = load<i32>(NUMBERS, 32);
  const pixels = load<usize>(NUMBERS, 36);
  const words = load<usize>(NUMBERS, 40);
  for (let i = 0; i < items; i++) {
    memory.copy(raw, pixels + i * pixelBytes, pixelBytes);
    wordsFromPixels(raw, table, input, pixelBytes);
    run(program, steps);
    memory.copy(words + i * outputBytes, output, outputBytes);
  }
  hash(words, items * outputBytes);
}

/** SHA-256 (FIPS 180-4) of bytes with room behind them for the padding; the state starts as the maker put it. */
function hash(at: usize, bytes: i32): void {
  const end = ((bytes + 8) & -64) + 56;
  store<u8>(at + bytes, 0x80);
  memory.fill(at + bytes + 1, 0, end - bytes - 1);
  store<u32>(at + end, 0);
  store<u32>(at + end, bswap<u32>((<u32>bytes) << 3), 4);
  for (let block = 0; block < end; block += 64) compress(at + block);
}

function compress(block: usize): void {
  for (let t = 0; t < 64; t++) {
    const w = SCHEDULE + 4 * t;
    store<u32>(
      w,
      t < 16
        ? bswap<u32>(load<u32>(block + 4 * t))
        : sigma1(load<u32>(w - 8)) + load<u32>(w - 28) + sigma0(load<u32>(w - 60)) + load<u32>(w - 64),
    );
  }
  let a = load<u32>(STATE),
    b = load<u32>(STATE, 4),
    c = load<u32>(STATE, 8),
    d = load<u32>(STATE, 12);
  let e = load<u32>(STATE, 16),
    f = load<u32>(STATE, 20),
    g = load<u32>(STATE, 24),
    h = load<u32>(STATE, 28);
  for (let t = 0; t < 64; t++) {
    const s1 = rotr<u32>(e, 6) ^ rotr<u32>(e, 11) ^ rotr<u32>(e, 25);
    const t1 = h + s1 + ((e & f) ^ (~e & g)) + load<u32>(CONSTANTS + 4 * t) + load<u32>(SCHEDULE + 4 * t);
    const s0 = rotr<u32>(a, 2) ^ rotr<u32>(a, 13) ^ rotr<u32>(a, 22);
    const t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + t2;
  }
  add(0, a);
  add(4, b);
  add(8, c);
  add(12, d);
  add(16, e);
  add(20, f);
  add(24, g);
  add(28, h);
}

function add(offset: usize, word: u32): void {
  store<u32>(STATE + offset, load<u32>(STATE + offset) + word);
}

function sigma0(x: u32): u32 {
  return rotr<u32>(x, 7) ^ rotr<u32>(x, 18) ^ (x >> 3);
}
function sigma1(x: u32): u32 {
  return rotr<u32>(x, 17) ^ rotr<u32>(x, 19) ^ (x >> 10);
}
