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
 * The words of real values: floor(value * scale + 1/2) in double precision, saturated. The one kernel that reads
 * floats; its steps are those of `quantiseReal` in src/model/input.ts.
 *
 * @param reals `count` float32, count a multiple of 8
 * @returns 1 if one of them is no number; its word is 0
 */
export function wordsFromReals(reals: usize, words: usize, count: i32, scale: f64): i32 {
  const end = words + (<usize>count << 1);
  const factor = f64x2.splat(scale);
  let invalid = i32x4.splat(0);
  for (; words < end; reals += 32, words += 16) {
    const low = v128.load(reals);
    const high = v128.load(reals, 16);
    invalid = v128.or(invalid, v128.or(f32x4.ne(low, low), f32x4.ne(high, high)));
    v128.store(words, i16x8.narrow_i32x4_s(roundx4(low, factor), roundx4(high, factor)));
  }
  return v128.any_true(invalid) ? 1 : 0;
}

/** Four float32 as int32, saturated. */
function roundx4(reals: v128, factor: v128): v128 {
  const low = roundx2(reals, factor);
  const high = roundx2(v128.shuffle<i32>(reals, reals, 2, 3, 2, 3), factor);
  return v128.shuffle<i32>(low, high, 0, 1, 4, 5);
}

function roundx2(reals: v128, factor: v128): v128 {
  const scaled = f64x2.mul(f64x2.promote_low_f32x4(reals), factor);
  return i32x4.trunc_sat_f64x2_s_zero(f64x2.floor(f64x2.add(scaled, f64x2.splat(0.5))));
}
