// From ink to the picture that MNIST would have made of it.

/** Side of MNIST's pictures, and of the box in them that a digit fills. */
export const SIDE = 28;
const BOX = 20;

/**
 * The ink as 28 x 28 pixels: its larger side scaled to 20 pixels by area, its centre of mass in the middle, as
 * MNIST's own digits were made.
 *
 * @param {Uint8ClampedArray} ink `size` x `size` bytes, 0 where there is none
 * @returns {Uint8Array | undefined} undefined without ink
 */
export function digitOf(ink, size) {
  const box = boundsOf(ink, size);
  if (!box) return undefined;
  const scale = Math.max(box.right - box.left, box.bottom - box.top) / BOX;
  const [x, y] = centreOf(ink, size);
  const digit = new Uint8Array(SIDE * SIDE);
  for (let row = 0; row < SIDE; row++) {
    for (let column = 0; column < SIDE; column++) {
      const left = x + (column - SIDE / 2) * scale;
      const top = y + (row - SIDE / 2) * scale;
      digit[row * SIDE + column] = Math.round(meanOver(ink, size, left, top, scale));
    }
  }
  return digit;
}

function boundsOf(ink, size) {
  let box;
  for (let at = 0; at < ink.length; at++) {
    if (ink[at] === 0) continue;
    const column = at % size;
    const row = (at - column) / size;
    box ??= { left: column, right: column + 1, top: row, bottom: row + 1 };
    box.left = Math.min(box.left, column);
    box.right = Math.max(box.right, column + 1);
    box.bottom = row + 1;
  }
  return box;
}

function centreOf(ink, size) {
  let [mass, x, y] = [0, 0, 0];
  for (let at = 0; at < ink.length; at++) {
    const column = at % size;
    mass += ink[at];
    x += ink[at] * (column + 0.5);
    y += ink[at] * ((at - column) / size + 0.5);
  }
  return [x / mass, y / mass];
}

/** The mean of a square of the ink; outside of it there is none. */
function meanOver(ink, size, left, top, side) {
  let sum = 0;
  for (let row = Math.max(0, Math.floor(top)); row < Math.min(size, top + side); row++) {
    const height = Math.min(row + 1, top + side) - Math.max(row, top);
    for (let column = Math.max(0, Math.floor(left)); column < Math.min(size, left + side); column++) {
      const width = Math.min(column + 1, left + side) - Math.max(column, left);
      sum += ink[row * size + column] * height * width;
    }
  }
  return sum / (side * side);
}
