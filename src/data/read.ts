import { existsSync } from "node:fs";
import { DataError } from "../errors.ts";
import { cifarFolder, readCifar } from "./cifar.ts";
import { holdsIdx, readIdx } from "./idx.ts";
import type { ImageSet, Split } from "./images.ts";
import { holdsImageFolders, readImageFolders } from "./png.ts";

const FORMS = "IDX files (MNIST), CIFAR-10 batches, or folders train and test of PNG images";

/**
 * Reads one part of a data set from a folder whose form it recognises: IDX files as of MNIST, the binary version of
 * CIFAR-10, or PNG images in a folder a class.
 *
 * @param classes labels must be below this; if absent, as many as the form has
 * @throws DataError naming the file that is missing, cut, of another format or has a label out of range
 */
export function readImageSet(directory: string, split: Split, classes?: number): ImageSet {
  if (!existsSync(directory)) throw unknown(directory, "no folder");
  const cifar = cifarFolder(directory);
  const forms = [
    holdsIdx(directory) && { name: "IDX files", read: () => readIdx(directory, split, classes) },
    cifar !== undefined && { name: "CIFAR-10 batches", read: () => readCifar(cifar, split, classes) },
    holdsImageFolders(directory) && {
      name: "folders of images",
      read: () => readImageFolders(directory, split, classes),
    },
  ].filter((form) => form !== false);
  if (forms.length === 0) throw unknown(directory, "none of these");
  if (forms.length > 1) throw unknown(directory, `${forms.map(({ name }) => name).join(" and ")} together`);
  return forms[0].read();
}

function unknown(directory: string, got: string): DataError {
  const remedy = "circulant data mnist --out DIR downloads a set";
  return new DataError(`${directory}: expected ${FORMS}, got ${got}; ${remedy}`, { file: directory, got });
}
