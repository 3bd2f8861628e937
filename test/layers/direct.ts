import type { Window } from "../../src/layers/window.ts";

/** A word: halves up, then clamped. Exact for |value| below 2^52. */
export function toWord(value: number): number {
  return Math.min(Math.max(Math.floor(value + 0.5), -32768), 32767);
}

/** The pixels under the window of an output, row by row; undefined outside the picture. */
export function pixelsUnder(window: Window, row: number, column: number): (number | undefined)[] {
  const { height, width, kernel, stride, pad } = window;
  const pixels: (number | undefined)[] = [];
  for (let r = 0; r < kernel[0]; r++) {
    for (let s = 0; s < kernel[1]; s++) {
      const y = row * stride + r - pad;
      const x = column * stride + s - pad;
      pixels.push(y < 0 || y >= height || x < 0 || x >= width ? undefined : y * width + x);
    }
  }
  return pixels;
}

/** Pixels under every window whose last pixel is inside the padded picture, in row order. */
export function allWindows(window: Window): (number | undefined)[][] {
  const { height, width, kernel, stride, pad } = window;
  const windows: (number | undefined)[][] = [];
  for (let row = 0; row * stride + kernel[0] <= height + 2 * pad; row++) {
    for (let column = 0; column * stride + kernel[1] <= width + 2 * pad; column++) {
      windows.push(pixelsUnder(window, row, column));
    }
  }
  return windows;
}
