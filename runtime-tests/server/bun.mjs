// bun run bun.mjs PORT
import { handle } from "./handler.mjs";

Bun.serve({ hostname: "127.0.0.1", port: Number(process.argv[2]), fetch: handle });
