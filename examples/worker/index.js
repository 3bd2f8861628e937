import { CirculantError, Session } from "circulant";
import model from "./mnist-mlp.safetensors";

let session;

export default {
  async fetch(request) {
    try {
      session ??= Session.createSync(model);
      const data = new Uint8Array(await request.arrayBuffer());
      const { output } = session.runSync({ input: { type: "uint8", data, dims: session.inputs[0].dims } });
      const scores = [...output.data];
      return Response.json({ digit: scores.indexOf(Math.max(...scores)), scores });
    } catch (error) {
      if (!(error instanceof CirculantError)) throw error;
      return Response.json({ code: error.code, error: error.message }, { status: 400 });
    }
  },
};
