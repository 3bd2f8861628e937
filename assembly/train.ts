/** The float kernels of training: pointers in, nothing allocated, nothing imported. */
export { forwardTransform, inverseTransform } from "./float/transform";
export { multiply } from "./float/product";
export { correlate } from "./float/correlate";
export { activate, activateBack, clearRows, permuteRows } from "./float/rows";
export { crossEntropy } from "./float/loss";
export { accumulate, adamw, follow } from "./float/update";
export { clearSquare, copyImage, drawImage, placeImages, smoothField, takePlane } from "./float/images";

/** The first byte that the kernels' own tables leave free. */
export function heapBase(): usize {
  return __heap_base;
}
