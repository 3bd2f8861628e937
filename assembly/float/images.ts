/**
 * Draws images of bytes as real inputs: each pixel of the result takes its value, bilinearly, from the place (u, v) in
 * the image that an affine map and a smooth displacement give; outside the image is 0. Rows are drawn four pixels at
 * a time, so buffers of pixels want 16 bytes of room behind their last.
 */

/** Zeros around the image that `drawImage` takes. */
const MARGIN: i32 = 2;

/** Control points along a side of the displacement grid: a cubic spline with one cell beyond each edge. */
const GRID: i32 = 7;

/**
 * Takes a channel out of an image of bytes, mirrored and then moved by whole pixels; what comes from outside is 0.
 *
 * @param image  address of the channel's first byte; `channels` bytes from pixel to pixel
 * @param plane  address of the result's first byte; `row` bytes from row to row
 * @param dx     pixel (y, x) of the result is pixel (y + dy, x + dx) of the image, which is mirrored if `flip`
 */
export function takePlane(
  image: usize, height: i32, width: i32, channels: i32, plane: usize, row: i32, dx: i32, dy: i32, flip: i32,
): void {
  const first = max(0, -dx), end = max(first, min(width, width - dx));
  const step = flip ? -channels : channels;
  const start = flip ? width - 1 - (first + dx) : first + dx;
  for (let y = 0; y < height; y++, plane += row) {
    if (y + dy < 0 || y + dy >= height || first == end) {
      memory.fill(plane, 0, width);
      continue;
    }
    memory.fill(plane, 0, first);
    memory.fill(plane + end, 0, width - end);
    let from = image + ((y + dy) * width + start) * channels;
    if (step == 1) {
      memory.copy(plane + first, from, end - first);
    } else {
      for (let to = plane + first; to < plane + end; to++, from += step) store<u8>(to, load<u8>(from));
    }
  }
}

/**
 * @param image  (height + 4) x (width + 4) bytes, the image within a margin of two zeros
 * @param out    height * width f32
 * @param map    f32 a, b, c, d, e, f: u = a x + b y + c, v = d x + e y + f
 * @param fieldU displacement of u for every pixel, f32; `fieldV` of v
 * @param scale  value of a pixel = byte * scale + shift
 */
export function drawImage(
  image: usize, height: i32, width: i32, out: usize, map: usize, fieldU: usize, fieldV: usize, scale: f32, shift: f32,
): void {
  const a = v128.load32_splat(map), b = load<f32>(map, 4), c = load<f32>(map, 8);
  const d = v128.load32_splat(map, 12), e = load<f32>(map, 16), f = load<f32>(map, 20);
  const low = f32x4.splat(-1), right = f32x4.splat(<f32>width), bottom = f32x4.splat(<f32>height);
  const by = f32x4.splat(scale), plus = f32x4.splat(shift), byte = i32x4.splat(255);
  const row = width + 2 * MARGIN, rowWords = i32x4.splat(row);
  const origin = image + MARGIN * row + MARGIN;
  for (let y = 0; y < height; y++) {
    const startU = f32x4.splat(b * <f32>y + c), startV = f32x4.splat(e * <f32>y + f);
    let x = f32x4(0, 1, 2, 3), at: usize = 4 * y * width;
    for (const end: usize = at + 4 * width; at < end; at += 16) {
      let u = f32x4.add(f32x4.add(f32x4.mul(a, x), startU), v128.load(fieldU + at));
      let v = f32x4.add(f32x4.add(f32x4.mul(d, x), startV), v128.load(fieldV + at));
      u = f32x4.pmin(f32x4.pmax(u, low), right);
      v = f32x4.pmin(f32x4.pmax(v, low), bottom);
      const left = f32x4.floor(u), top = f32x4.floor(v);
      const fu = f32x4.sub(u, left), fv = f32x4.sub(v, top);
      const place = i32x4.add(
        i32x4.mul(i32x4.trunc_sat_f32x4_s(top), rowWords), i32x4.trunc_sat_f32x4_s(left),
      );
      const p0 = origin + i32x4.extract_lane(place, 0), p1 = origin + i32x4.extract_lane(place, 1);
      const p2 = origin + i32x4.extract_lane(place, 2), p3 = origin + i32x4.extract_lane(place, 3);
      const upper = i32x4(load<u16>(p0), load<u16>(p1), load<u16>(p2), load<u16>(p3));
      const lower = i32x4(load<u16>(p0 + row), load<u16>(p1 + row), load<u16>(p2 + row), load<u16>(p3 + row));
      const above = blend(upper, byte, fu), below = blend(lower, byte, fu);
      const value = f32x4.add(above, f32x4.mul(fv, f32x4.sub(below, above)));
      v128.store(out + at, f32x4.add(f32x4.mul(value, by), plus));
      x = f32x4.add(x, f32x4.splat(4));
    }
  }
}

/** Between two neighbouring bytes, the left one low. */
// @ts-ignore: decorator
@inline
function blend(pair: v128, byte: v128, part: v128): v128 {
  const left = f32x4.convert_i32x4_s(v128.and(pair, byte)), right = f32x4.convert_i32x4_s(i32x4.shr_u(pair, 8));
  return f32x4.add(left, f32x4.mul(part, f32x4.sub(right, left)));
}

/** Draws `count` bytes as they are. */
export function copyImage(image: usize, count: usize, out: usize, scale: f32, shift: f32): void {
  const by = f32x4.splat(scale), plus = f32x4.splat(shift);
  let e: usize = 0;
  for (; e + 8 <= count; e += 8) {
    const words = v128.load8x8_u(image + e), to = out + 4 * e;
    const low = f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(words));
    const high = f32x4.convert_i32x4_u(i32x4.extend_high_i16x8_u(words));
    v128.store(to, f32x4.add(f32x4.mul(low, by), plus));
    v128.store(to, f32x4.add(f32x4.mul(high, by), plus), 16);
  }
  for (; e < count; e++) store<f32>(out + 4 * e, <f32>load<u8>(image + e) * scale + shift);
}

/** Sets rows `top` to before `bottom`, columns `left` to before `right`, of every plane of a drawn image to 0. */
export function clearSquare(
  drawn: usize, height: i32, width: i32, planes: i32, top: i32, bottom: i32, left: i32, right: i32,
): void {
  for (let plane = 0; plane < planes; plane++) {
    for (let y = top; y < bottom; y++) {
      memory.fill(drawn + 4 * ((plane * height + y) * width + left), 0, 4 * (right - left));
    }
  }
}

/**
 * Lays drawn images side by side: word e of image b, at `drawn + b * stride + 4 e`, goes to `out + table[e] + 4 b`.
 *
 * @param images a multiple of 4
 */
export function placeImages(drawn: usize, stride: usize, images: usize, count: usize, out: usize, table: usize): void {
  let e: usize = 0;
  for (; e + 4 <= count; e += 4) {
    const r0 = out + load<u32>(table + 4 * e), r1 = out + load<u32>(table + 4 * e, 4);
    const r2 = out + load<u32>(table + 4 * e, 8), r3 = out + load<u32>(table + 4 * e, 12);
    for (let b: usize = 0; b < images; b += 4) {
      const from = drawn + b * stride + 4 * e, to = 4 * b;
      const i0 = v128.load(from), i1 = v128.load(from + stride);
      const i2 = v128.load(from + (stride << 1)), i3 = v128.load(from + 3 * stride);
      const a = v128.shuffle<f32>(i0, i1, 0, 4, 1, 5), c = v128.shuffle<f32>(i0, i1, 2, 6, 3, 7);
      const d = v128.shuffle<f32>(i2, i3, 0, 4, 1, 5), f = v128.shuffle<f32>(i2, i3, 2, 6, 3, 7);
      v128.store(r0 + to, v128.shuffle<f32>(a, d, 0, 1, 4, 5));
      v128.store(r1 + to, v128.shuffle<f32>(a, d, 2, 3, 6, 7));
      v128.store(r2 + to, v128.shuffle<f32>(c, f, 0, 1, 4, 5));
      v128.store(r3 + to, v128.shuffle<f32>(c, f, 2, 3, 6, 7));
    }
  }
  for (; e < count; e++) {
    const to = out + load<u32>(table + 4 * e);
    for (let b: usize = 0; b < images; b++) store<f32>(to + 4 * b, load<f32>(drawn + b * stride + 4 * e));
  }
}

/**
 * Smooth field of height x width from GRID x GRID control points, by cubic B-splines, first along rows.
 *
 * @param grid     f32, row by row
 * @param weights  for every pixel of a side: the first of its four control points (f32), then four weights
 * @param scratch  GRID * width f32
 */
export function smoothField(
  grid: usize, weights: usize, height: i32, width: i32, scratch: usize, field: usize,
): void {
  const row: usize = 4 * width;
  for (let x = 0; x < width; x++) {
    const at = weights + 20 * x;
    const w0 = load<f32>(at, 4), w1 = load<f32>(at, 8), w2 = load<f32>(at, 12), w3 = load<f32>(at, 16);
    let from = grid + 4 * <i32>load<f32>(at), to = scratch + 4 * x;
    for (let g = 0; g < GRID; g++) {
      store<f32>(
        to, w0 * load<f32>(from) + w1 * load<f32>(from, 4) + w2 * load<f32>(from, 8) + w3 * load<f32>(from, 12),
      );
      from += 4 * GRID;
      to += row;
    }
  }
  for (let y = 0; y < height; y++) {
    const at = weights + 20 * y;
    const w0 = v128.load32_splat(at, 4), w1 = v128.load32_splat(at, 8);
    const w2 = v128.load32_splat(at, 12), w3 = v128.load32_splat(at, 16);
    let p = scratch + row * <usize>load<f32>(at), to = field + row * y;
    for (const end = p + row; p < end; p += 16, to += 16) {
      const upper = f32x4.add(f32x4.mul(w0, v128.load(p)), f32x4.mul(w1, v128.load(p + row)));
      const lower = f32x4.add(f32x4.mul(w2, v128.load(p + (row << 1))), f32x4.mul(w3, v128.load(p + 3 * row)));
      v128.store(to, f32x4.add(upper, lower));
    }
  }
}
