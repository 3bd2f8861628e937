import { CirculantError, Session } from "circulant";

export const runtime = "edge";

let session;

export async function POST(request) {
  try {
    session ??= await Session.create(new URL("/mnist-mlp.safetensors", request.url));
    const data = new Uint8Array(await request.arrayBuffer());
    const { output } = session.runSync({ input: { type: "uint8", data, dims: session.inputs[0].dims } });
    const scores = [...output.data];
    return Response.json({ digit: scores.indexOf(Math.max(...scores)), scores });
  } catch (error) {
    if (!(error instanceof CirculantError)) throw error;
    return Response.json({ code: error.code, error: error.message }, { status: 400 });
  }
}
