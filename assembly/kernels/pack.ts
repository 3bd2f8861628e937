/**
 * One block row of a dense layer's weights in the order of the product kernels, and what its real accumulators start with:
 * for each bin the sum of wi over the blocks, and `half`.
 *
 * @param words    `blocks` blocks of k words, halfcomplex
 * @param to       where the pair (w0, wk/2) of the first block goes; then (wr, wi) of bin 1 `binPitch` bytes on, and so on
 * @param pitch    bytes from one block to the next
 * @param starts   an int32 for each bin, `startPitch` bytes apart
 */
export function packRow(
  words: usize, blocks: i32, k: i32, to: usize, pitch: usize, binPitch: usize, starts: usize, startPitch: usize, half: i32,
): void {
  const block = <usize>k << 1;
  const end = words + <usize>blocks * block;
  store<i32>(starts, half);
  for (let w = words, at = to; w < end; w += block, at += pitch) storePair(at, w, w + (block >> 1));
  for (let real: usize = 2; real < block >> 1; real += 2) {
    to += binPitch;
    starts += startPitch;
    const imaginary = block - real;
    let sum = half;
    for (let w = words, at = to; w < end; w += block, at += pitch) {
      storePair(at, w + real, w + imaginary);
      sum += <i32>load<i16>(w + imaginary);
    }
    store<i32>(starts, sum);
  }
}

// @ts-ignore: decorator
@inline
function storePair(to: usize, first: usize, second: usize): void {
  store<i32>(to, <i32>load<u16>(first) | (<i32>load<u16>(second) << 16));
}
