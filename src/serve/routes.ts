import { RequestError } from "../errors.ts";
import { show } from "./show.ts";

/** What a path of the Open Inference Protocol asks for. */
export type Route =
  | { readonly kind: "live" | "ready" | "server" }
  | { readonly kind: "metadata" | "modelReady" | "infer"; readonly model: string; readonly version?: string };

const FIXED: Readonly<Record<string, "live" | "ready" | "server">> = {
  "/v2": "server",
  "/v2/health/live": "live",
  "/v2/health/ready": "ready",
};

const MODEL = /^\/v2\/models\/([^/]+)(?:\/versions\/([^/]+))?(?:\/(ready|infer))?$/;

/** @throws RequestError 404 if the protocol has no such path */
export function routeOf(path: string): Route {
  if (Object.hasOwn(FIXED, path)) return { kind: FIXED[path] };
  const found = MODEL.exec(path);
  if (!found) {
    throw new RequestError(404, `path: expected one of the Open Inference Protocol under /v2, got ${show(path)}`);
  }
  const [, model, version, verb] = found;
  const kind = verb === "infer" ? "infer" : verb === "ready" ? "modelReady" : "metadata";
  return { kind, model: decode(model), ...(version === undefined ? {} : { version: decode(version) }) };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new RequestError(400, `path: expected percent-encoded UTF-8, got ${show(part)}`);
  }
}
