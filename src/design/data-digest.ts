import { createHash } from "node:crypto";
import type { ImageSet } from "../data/images.ts";

/** SHA-256 of the images and labels that points are trained on. */
export function digestOfData({ images, labels }: Pick<ImageSet, "images" | "labels">): string {
  return createHash("sha256").update(images).update(labels).digest("hex");
}
