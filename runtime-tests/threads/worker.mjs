// A Worker of Cloudflare that asks for threads, with Node's modules as far as the place has them.
import { capabilities, ThreadedSession } from "circulant/threads";
import { models } from "../shared/assets.mjs";

export default {
  async fetch() {
    const bytes = Uint8Array.from(atob(models["mnist-mlp"]), (character) => character.charCodeAt(0));
    const { threads } = capabilities().engine;
    return ThreadedSession.create(bytes, { threads: 2 }).then(
      () => Response.json({ threads }),
      ({ name, code, fields, message }) => Response.json({ threads, error: { name, code, fields, message } }),
    );
  },
};
