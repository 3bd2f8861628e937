// Writes models/golden.json: the digests of all output words that the reference makes of the sample digits, which every
// runtime must give. Run after a build: node scripts/golden.mjs
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { readImageSet } from "../dist/data/read.js";
import { Session } from "../dist/index.js";

const MODELS = ["mnist-mlp", "mnist-cnn"];
const folder = "examples/digits";
const { images, count } = readImageSet(folder, "test");

const models = MODELS.map((name) => {
  const session = Session.createSync(readFileSync(`models/${name}.safetensors`), { backend: "reference" });
  const { data } = session.runSync({ input: images }).words;
  const bytes = new DataView(new ArrayBuffer(2 * data.length));
  data.forEach((word, i) => {
    bytes.setInt16(2 * i, word, true);
  });
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return [name, { words: data.length, sha256, first: [...data.subarray(0, data.length / count)] }];
});

const text = JSON.stringify({ folder, images: count, models: Object.fromEntries(models) }, null, 2);
const oneLineLists = text.replace(/\[[^\]]*\]/g, (list) => list.replace(/\s+/g, " "));
writeFileSync("models/golden.json", `${oneLineLists}\n`);
