/**
 * Draws an image of bytes into one lane of a batch: each pixel of the result takes its value, bilinearly, from the
 * place (u, v) in the image that an affine map and a smooth displacement give; outside the image is 0.
 */

/** Control points along a side of the displacement grid: a cubic spline with one cell beyond each edge. */
const GRID: i32 = 7;

/**
 * @param image    height x width bytes, row by row
 * @param out      lane of the batch; pixel e goes to `out + table[e]`
 * @param map      f32 a, b, c, d, e, f: u = a x + b y + c, v = d x + e y + f
 * @param fieldU   displacement of u for every pixel, f32; `fieldV` of v
 * @param scale    value of the pixel = byte * scale + shift
 */
export function drawImage(
  image: usize, height: i32, width: i32, out: usize, table: usize, map: usize, fieldU: usize, fieldV: usize,
  scale: f32, shift: f32,
): void {
  const a = load<f32>(map), b = load<f32>(map, 4), c = load<f32>(map, 8);
  const d = load<f32>(map, 12), e = load<f32>(map, 16), f = load<f32>(map, 20);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const u = a * <f32>x + b * <f32>y + c + load<f32>(fieldU);
      const v = d * <f32>x + e * <f32>y + f + load<f32>(fieldV);
      const left = floor(u), top = floor(v);
      const fu = u - left, fv = v - top;
      const i = <i32>left, j = <i32>top;
      let p00: f32 = 0, p01: f32 = 0, p10: f32 = 0, p11: f32 = 0;
      const at = image + (j * width + i);
      if (i >= 0 && i + 1 < width && j >= 0 && j + 1 < height) {
        p00 = <f32>load<u8>(at); p01 = <f32>load<u8>(at, 1);
        p10 = <f32>load<u8>(at + width); p11 = <f32>load<u8>(at + width, 1);
      } else {
        const inLeft = i >= 0 && i < width, inRight = i + 1 >= 0 && i + 1 < width;
        if (j >= 0 && j < height) {
          if (inLeft) p00 = <f32>load<u8>(at);
          if (inRight) p01 = <f32>load<u8>(at, 1);
        }
        if (j + 1 >= 0 && j + 1 < height) {
          if (inLeft) p10 = <f32>load<u8>(at + width);
          if (inRight) p11 = <f32>load<u8>(at + width, 1);
        }
      }
      const upper = p00 + fu * (p01 - p00), lower = p10 + fu * (p11 - p10);
      store<f32>(out + load<u32>(table), (upper + fv * (lower - upper)) * scale + shift);
      table += 4; fieldU += 4; fieldV += 4;
    }
  }
}

/** Draws an image as it is. */
export function copyImage(image: usize, count: usize, out: usize, table: usize, scale: f32, shift: f32): void {
  for (let e: usize = 0; e < count; e++) store<f32>(out + load<u32>(table + 4 * e), <f32>load<u8>(image + e) * scale + shift);
}

/**
 * Smooth field of height x width from GRID x GRID control points, by cubic B-splines, first along rows.
 *
 * @param weights  for every pixel of a side: the first of its four control points (f32), then four weights
 * @param scratch  GRID * width f32
 */
export function smoothField(
  grid: usize, weights: usize, height: i32, width: i32, scratch: usize, field: usize,
): void {
  for (let g = 0; g < GRID; g++) {
    for (let x = 0; x < width; x++) {
      const at = weights + 20 * x, from = grid + 4 * (g * GRID + <i32>load<f32>(at));
      store<f32>(
        scratch + 4 * (g * width + x),
        load<f32>(at, 4) * load<f32>(from) + load<f32>(at, 8) * load<f32>(from, 4) +
          load<f32>(at, 12) * load<f32>(from, 8) + load<f32>(at, 16) * load<f32>(from, 12),
      );
    }
  }
  for (let y = 0; y < height; y++) {
    const at = weights + 20 * y, from = scratch + 4 * width * <i32>load<f32>(at), row = 4 * width;
    const w0 = load<f32>(at, 4), w1 = load<f32>(at, 8), w2 = load<f32>(at, 12), w3 = load<f32>(at, 16);
    for (let x = 0; x < width; x++) {
      const p = from + 4 * x;
      store<f32>(
        field + 4 * (y * width + x),
        w0 * load<f32>(p) + w1 * load<f32>(p + row) + w2 * load<f32>(p + 2 * row) + w3 * load<f32>(p + 3 * row),
      );
    }
  }
}
