// A Worker that serves MNIST by the Open Inference Protocol. Put the model file beside it, then: npm run deploy
import { Session } from "circulant";
import { createHandler } from "circulant/server";
import model from "./mnist-mlp.safetensors";

const session = Session.createSync(model);

export default { fetch: createHandler({ models: { mnist: session } }) };
