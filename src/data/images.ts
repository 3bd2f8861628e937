/** Images of one size and their classes. */
export interface ImageSet {
  /** count * height * width * channels bytes: image by image, row by row, the channels of a pixel side by side. */
  readonly images: Uint8Array;
  /** count bytes, each a class from 0. */
  readonly labels: Uint8Array;
  readonly count: number;
  readonly height: number;
  readonly width: number;
  /** 1 is grey, 3 is red, green and blue. */
  readonly channels: number;
  /** Names of the classes, where the form of the data says them. */
  readonly classNames?: readonly string[];
}

/** The two parts of a data set. */
export type Split = "train" | "test";

/** Bytes of an image. */
export function imageBytes({ height, width, channels }: Omit<ImageSet, "images" | "labels">): number {
  return height * width * channels;
}

/** The images from `first` to before `end`, as views. */
export function sliceImages(set: ImageSet, first: number, end: number): ImageSet {
  const size = imageBytes(set);
  return {
    ...set,
    images: set.images.subarray(first * size, end * size),
    labels: set.labels.subarray(first, end),
    count: end - first,
  };
}
