/** The words of pixels: words[i] = table[pixels[i]]. `table`: 256 words. */
export function wordsFromPixels(pixels: usize, table: usize, words: usize, count: i32): void {
  const end = pixels + <usize>count;
  const eights = pixels + <usize>(count & -8);
  for (; pixels < eights; pixels += 8, words += 16) {
    const low = load<u32>(pixels);
    const high = load<u32>(pixels, 4);
    let v = v128.load16_splat(entry(table, low));
    v = v128.load16_lane(entry(table, low >> 8), v, 1);
    v = v128.load16_lane(entry(table, low >> 16), v, 2);
    v = v128.load16_lane(entry(table, low >> 24), v, 3);
    v = v128.load16_lane(entry(table, high), v, 4);
    v = v128.load16_lane(entry(table, high >> 8), v, 5);
    v = v128.load16_lane(entry(table, high >> 16), v, 6);
    v = v128.load16_lane(entry(table, high >> 24), v, 7);
    v128.store(words, v);
  }
  for (; pixels < end; pixels++, words += 2) store<i16>(words, load<i16>(entry(table, load<u8>(pixels))));
}

// @ts-ignore: decorator
@inline
function entry(table: usize, pixel: u32): usize {
  return table + (<usize>(pixel & 255) << 1);
}

/**
 * The words of real values: floor(value * scale + 1/2), saturated, as `quantiseReal` in src/model/input.ts has it in double
 * precision. Single precision gives the same: the scale is a power of two, and a value less its floor is exact or, where
 * it is nearly 1, still more than 1/2.
 *
 * @param reals `count` float32, count a multiple of 8
 * @returns 1 if one of them is no number; its word is 0
 */
export function wordsFromReals(reals: usize, words: usize, count: i32, scale: f32): i32 {
  const end = words + (<usize>count << 1);
  const factor = f32x4.splat(scale);
  let invalid = i32x4.splat(0);
  for (; words < end; reals += 32, words += 16) {
    const low = v128.load(reals);
    const high = v128.load(reals, 16);
    invalid = v128.or(invalid, v128.or(f32x4.ne(low, low), f32x4.ne(high, high)));
    v128.store(words, i16x8.narrow_i32x4_s(roundx4(f32x4.mul(low, factor)), roundx4(f32x4.mul(high, factor))));
  }
  return v128.any_true(invalid) ? 1 : 0;
}

/** Four float32, rounded half up, as int32. */
function roundx4(reals: v128): v128 {
  const floor = f32x4.floor(reals);
  const isUp = f32x4.ge(f32x4.sub(reals, floor), f32x4.splat(0.5));
  return i32x4.sub(i32x4.trunc_sat_f32x4_s(floor), isUp);
}

/** The real values of words: reals[i] = words[i] * unit, unit a power of two. `count` is a multiple of 8. */
export function realsFromWords(words: usize, reals: usize, count: i32, unit: f32): void {
  const end = words + (<usize>count << 1);
  const factor = f32x4.splat(unit);
  for (; words < end; words += 16, reals += 32) {
    const v = v128.load(words);
    v128.store(reals, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(v)), factor));
    v128.store(reals, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(v)), factor), 16);
  }
}
