// The models behind circulant/server, made on the first request: a Worker may do little before it.
import { Session } from "circulant";
import { createHandler } from "circulant/server";
import { models } from "../shared/assets.mjs";
import { decode } from "../shared/suite.mjs";

let handler;

export function handle(request) {
  handler ??= createHandler({
    models: Object.fromEntries(Object.entries(models).map(([name, text]) => [name, Session.createSync(decode(text))])),
  });
  return handler(request);
}
