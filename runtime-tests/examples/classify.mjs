import { createHash } from "node:crypto";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/**
 * Has an example classify every sample digit, and one that is cut.
 *
 * @param ask answers pixels with a status and a value
 * @returns the digest of all words, from the scores that the example gave: score = word / 2^fractionBits, exactly
 */
export async function classifyAll(ask, { folder, golden }) {
  const load = (path) => import(pathToFileURL(join(folder, path)).href);
  const { models, digits } = await load("shared/assets.mjs");
  const { Session } = await load("node_modules/circulant/dist/index.js");
  const [{ fractionBits }] = Session.createSync(Buffer.from(models["mnist-mlp"], "base64")).outputs;
  const pixels = Buffer.from(digits, "base64");
  const size = pixels.length / golden.images;
  const hash = createHash("sha256");
  for (let i = 0; i < golden.images; i++) {
    const { status, value } = await ask(pixels.subarray(i * size, (i + 1) * size));
    if (status !== 200) throw new Error(`digit ${i}: expected 200, got ${status}: ${JSON.stringify(value)}`);
    hash.update(littleEndian(value.scores.map((score) => score * 2 ** fractionBits)));
  }
  const { status, value } = await ask(pixels.subarray(0, 3));
  if (status !== 400 || value.code !== "SHAPE") {
    throw new Error(`3 bytes: expected 400 with the code SHAPE, got ${status}: ${JSON.stringify(value)}`);
  }
  return { digests: { "mnist-mlp": hash.digest("hex") } };
}

function littleEndian(words) {
  const bytes = Buffer.alloc(2 * words.length);
  words.forEach((word, i) => {
    bytes.writeInt16LE(word, 2 * i);
  });
  return bytes;
}

/** Asks an example that listens at an address. */
export function askAt(address) {
  return async (body) => {
    const response = await fetch(address, { method: "POST", body });
    const text = await response.text();
    try {
      return { status: response.status, value: JSON.parse(text) };
    } catch {
      return { status: response.status, value: text.slice(0, 300) };
    }
  };
}
