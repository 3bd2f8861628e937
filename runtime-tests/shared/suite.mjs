// What every runtime runs. No import, no platform: the package and the assets are given.

/**
 * Runs the sample digits through each model.
 *
 * @param circulant the package
 * @param assets    models by name and the digits, all in base64
 * @returns which kernels ran, and SHA-256 of all output words of each model: int16, little endian
 */
export async function runSuite({ capabilities, Session }, assets) {
  const digits = decode(assets.digits);
  const digests = {};
  for (const [name, model] of Object.entries(assets.models)) {
    const session = await Session.create(decode(model));
    digests[name] = await digestOf((await session.run({ input: digits })).words.data);
    await session.release();
  }
  return { kernels: kernelsOf(capabilities()), digests };
}

/**
 * Milliseconds from the import of the package to the words of the first digit; the model's bytes are there.
 *
 * @param load imports the package
 */
export async function timeFirst(load, assets) {
  const model = decode(assets.models["mnist-mlp"]);
  const input = decode(assets.digits).subarray(0, 784);
  const start = performance.now();
  const { Session } = await load();
  const { words } = Session.createSync(model).runSync({ input });
  return { milliseconds: performance.now() - start, words: [...words.data] };
}

function kernelsOf({ backend, binary, reason }) {
  if (backend !== "wasm") throw new Error(`kernels: expected an engine that runs them, got one where ${reason}`);
  return binary ?? "plain";
}

async function digestOf(words) {
  const view = new DataView(new ArrayBuffer(2 * words.length));
  words.forEach((word, i) => {
    view.setInt16(2 * i, word, true);
  });
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", view));
  return [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The bytes of a text in base64. */
export function decode(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
