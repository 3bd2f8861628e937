// The suite behind a request, for runtimes that serve. Everything is loaded inside the handler, as late as can be.
import * as assets from "./assets.mjs";
import { runSuite, timeFirst } from "./suite.mjs";

const load = () => import("circulant");

const ROUTES = {
  "/empty": async () => ({}),
  "/first": () => timeFirst(load, assets),
  "/suite": async () => runSuite(await load(), assets),
};

/** Answers /empty, /first and /suite with JSON; an error's name, code and message with status 500. */
export async function answer(request) {
  const route = ROUTES[new URL(request.url).pathname];
  if (!route) return new Response("not found\n", { status: 404 });
  try {
    return Response.json(await route());
  } catch (error) {
    return Response.json({ name: error.name, code: error.code, message: error.message }, { status: 500 });
  }
}
