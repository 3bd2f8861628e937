import { readFile } from "node:fs/promises";
import { serve } from "@hono/node-server";
import { CirculantError, Session } from "circulant";
import { Hono } from "hono";

const session = await Session.create(await readFile("mnist-mlp.safetensors"));

const app = new Hono();
app.post("/", async (context) => {
  const data = new Uint8Array(await context.req.arrayBuffer());
  const { output } = session.runSync({ input: { type: "uint8", data, dims: session.inputs[0].dims } });
  const scores = [...output.data];
  return context.json({ digit: scores.indexOf(Math.max(...scores)), scores });
});
app.onError((error, context) => {
  if (!(error instanceof CirculantError)) throw error;
  return context.json({ code: error.code, error: error.message }, 400);
});

serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 8787) });
