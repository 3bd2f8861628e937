import { CirculantError, Session } from "circulant";
import model from "./mnist-mlp.safetensors";

const session = Session.createSync(model);

/** For a function URL or an HTTP API, which give a body of bytes in base64. */
export async function handler({ body = "", isBase64Encoded }) {
  try {
    const data = new Uint8Array(Buffer.from(body, isBase64Encoded ? "base64" : "latin1"));
    const { output } = session.runSync({ input: { type: "uint8", data, dims: session.inputs[0].dims } });
    const scores = [...output.data];
    return answer(200, { digit: scores.indexOf(Math.max(...scores)), scores });
  } catch (error) {
    if (!(error instanceof CirculantError)) throw error;
    return answer(400, { code: error.code, error: error.message });
  }
}

const answer = (statusCode, value) => ({
  statusCode,
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(value),
});
