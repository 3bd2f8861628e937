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

/** `count` images, or all of them if there are fewer, from the whole of the set; as views. */
export function spreadImages(set: ImageSet, count: number): readonly Uint8Array[] {
  const size = imageBytes(set);
  const taken = Math.min(count, set.count);
  return Array.from({ length: taken }, (_, n) => {
    const at = Math.floor((n * set.count) / taken) * size;
    return set.images.subarray(at, at + size);
  });
}
