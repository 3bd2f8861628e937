// deno run --allow-net=127.0.0.1 deno.mjs PORT
import { handle } from "./handler.mjs";

Deno.serve({ hostname: "127.0.0.1", port: Number(Deno.args[0]) }, handle);
