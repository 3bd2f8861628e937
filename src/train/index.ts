/** Training of block-circulant networks in Node: data in, checkpoint out. */

export { CATALOGUE, type PublishedFile, type PublishedSet } from "../data/catalogue.ts";
export { type DownloadOptions, download } from "../data/download.ts";
export { type ImageSet, imageBytes, type Split, sliceImages } from "../data/images.ts";
export { readImageSet } from "../data/read.ts";
export { type Checkpoint, digestOf, type EpochRecord, readCheckpoint, writeCheckpoint } from "./checkpoint.ts";
export { type Augmentation, type Distillation, parseConfig, type TrainConfig } from "./config.ts";
export { countParameters, trainFlops } from "./cost.ts";
export { drawCurve } from "./curve.ts";
export type { Progress } from "./epoch.ts";
export { evaluate } from "./evaluate.ts";
export { forward, preActivation, trace } from "./forward.ts";
export type {
  AvgPoolConfig,
  ConvConfig,
  DenseConfig,
  DepthwiseConfig,
  Extent,
  LayerConfig,
  MaxPoolConfig,
  ResidualConfig,
} from "./layers.ts";
export {
  type Activation,
  type FloatAdd,
  type FloatAvgPool,
  type FloatConv,
  type FloatDense,
  type FloatDepthwise,
  type FloatFlatten,
  type FloatInput,
  type FloatMaxPool,
  type FloatNetwork,
  type FloatNorm,
  type FloatOperation,
  normalise,
  type Shape,
} from "./network.ts";
export { layOut, type ParameterShape } from "./parameters.ts";
export { dense, MNIST_MLP, readRecipe, SHIPPED_RECIPES } from "./recipe.ts";
export { type TrainOptions, train } from "./train.ts";
