/** A window that slides over a picture in NHWC order. */
export interface Window {
  /** Sides of the input picture. */
  readonly height: number;
  readonly width: number;
  /** Rows and columns of the window, 1 .. 7 each for a convolution. */
  readonly kernel: readonly [rows: number, columns: number];
  /** Pixels from one window to the next, both ways. */
  readonly stride: number;
  /** Pixels around the picture on every side that the window may cover: zeros, or nothing for a pool. */
  readonly pad: number;
}

/** Height and width of the picture of windows. */
export function windowGrid({ height, width, kernel, stride, pad }: Window): { rows: number; columns: number } {
  const side = (length: number, window: number) => Math.floor((length + 2 * pad - window) / stride) + 1;
  return { rows: side(height, kernel[0]), columns: side(width, kernel[1]) };
}

/**
 * Goes through the windows in order and through the taps of each, row by row; taps outside the picture are left out.
 *
 * @param visit takes the number of the window, of the tap, and of the pixel under it
 */
export function forEachTap(window: Window, visit: (output: number, tap: number, pixel: number) => void): void {
  const { height, width, kernel, stride, pad } = window;
  const { rows, columns } = windowGrid(window);
  for (let output = 0; output < rows * columns; output++) {
    const top = Math.floor(output / columns) * stride - pad;
    const left = (output % columns) * stride - pad;
    for (let tap = 0; tap < kernel[0] * kernel[1]; tap++) {
      const y = top + Math.floor(tap / kernel[1]);
      const x = left + (tap % kernel[1]);
      if (y >= 0 && y < height && x >= 0 && x < width) visit(output, tap, y * width + x);
    }
  }
}
