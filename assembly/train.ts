/** The float kernels of training: pointers in, nothing allocated, nothing imported. */
export { forwardTransform, inverseTransform } from "./float/transform";
export { multiply } from "./float/product";
export { correlate } from "./float/correlate";
export {
  activate, activateBack, addPictures, addRows, clearRows, copyRows, maskPicture, permuteRows, scaleRows, transposeTaps,
} from "./float/rows";
export { estimate, fold, moments, normBack, normBackFactors, normBackSums } from "./float/norm";
export { clear, depthwise, depthwiseGradient, maxPool, maxPoolBack, sumPool } from "./float/windows";
export { crossEntropy, distil } from "./float/loss";
export { accumulate, adamw, follow } from "./float/update";
export { clearSquare, copyImage, drawImage, placeImages, smoothField, takePlane } from "./float/images";

/** The first byte that the kernels' own tables leave free. */
export function heapBase(): usize {
  return __heap_base;
}
