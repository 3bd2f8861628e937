import { createHash } from "node:crypto";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** Items of a request: no more than a server takes unless told otherwise. */
const BATCH = 100;

/**
 * Has a server of the Open Inference Protocol run every sample digit through every model, in JSON and binary in turns.
 *
 * @param origin where it listens
 * @returns the digest of all words of each model
 */
export async function digestsOfServer(origin, { folder, golden }) {
  const { models, digits } = await import(pathToFileURL(join(folder, "shared/assets.mjs")).href);
  const pixels = Buffer.from(digits, "base64");
  const size = pixels.length / golden.images;
  const digests = {};
  for (const name of Object.keys(models)) {
    const hash = createHash("sha256");
    for (let i = 0; i < golden.images; i += BATCH) {
      const batch = pixels.subarray(i * size, Math.min(i + BATCH, golden.images) * size);
      const ask = (i / BATCH) % 2 === 0 ? askInJson : askInBinary;
      hash.update(await ask(`${origin}/v2/models/${name}/infer`, batch, batch.length / size));
    }
    digests[name] = hash.digest("hex");
  }
  return digests;
}

const OUTPUTS = [{ name: "words" }];
const input = (count, batch, rest) => {
  return { name: "input", datatype: "UINT8", shape: [count, batch.length / count], ...rest };
};

async function askInJson(address, batch, count) {
  const body = JSON.stringify({ inputs: [input(count, batch, { data: [...batch] })], outputs: OUTPUTS });
  const answer = await post(address, { "Content-Type": "application/json" }, body);
  const [{ data }] = JSON.parse(answer.bytes).outputs;
  const words = Buffer.alloc(2 * data.length);
  data.forEach((word, i) => {
    words.writeInt16LE(word, 2 * i);
  });
  return words;
}

async function askInBinary(address, batch, count) {
  const head = JSON.stringify({
    inputs: [input(count, batch, { parameters: { binary_data_size: batch.length } })],
    outputs: OUTPUTS,
    parameters: { binary_data_output: true },
  });
  const headers = {
    "Content-Type": "application/octet-stream",
    "Inference-Header-Content-Length": String(head.length),
  };
  const { headers: answered, bytes } = await post(address, headers, Buffer.concat([Buffer.from(head), batch]));
  return bytes.subarray(Number(answered.get("inference-header-content-length")));
}

async function post(address, headers, body) {
  const response = await fetch(address, { method: "POST", headers, body });
  const bytes = Buffer.from(await response.arrayBuffer());
  if (response.ok) return { headers: response.headers, bytes };
  throw new Error(`${address}: expected 200, got ${response.status}: ${bytes}`);
}
