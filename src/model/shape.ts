/** Numbers of a tensor: the product of its sides. */
export function volume(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}
