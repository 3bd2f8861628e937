import { CirculantError, RequestError } from "../errors.ts";
import { type Call, jsonReply, type Reply } from "./call.ts";
import { inferReply } from "./infer-reply.ts";
import { HEADER_LENGTH, readInferRequest } from "./infer-request.ts";
import { checkLimits, type ServeLimits } from "./limits.ts";
import { modelMetadata, SERVER_METADATA } from "./metadata.ts";
import { type Route, routeOf } from "./routes.ts";
import type { ServedModel } from "./served-model.ts";
import { show } from "./show.ts";

/** What happened to a call, for metrics and logs. */
export interface Answered {
  /** "other" is a path that the protocol does not have. */
  readonly route: Route["kind"] | "other";
  /** One that is served. */
  readonly model?: string;
  readonly status: number;
  readonly milliseconds: number;
  /** Items that were inferred. */
  readonly items: number;
  /** Why it was not answered as asked. */
  readonly error?: unknown;
}

export interface ResponderOptions {
  readonly limits?: Partial<ServeLimits>;
  /** False while the server should get no new calls. Default always true. */
  readonly isReady?: () => boolean;
  readonly onAnswered?: (answered: Answered) => void;
}

/** Answers the calls of the Open Inference Protocol v2; never throws. `waiting` counts items that wait or run. */
export interface Responder {
  (call: Call): Promise<Reply>;
  readonly waiting: () => number;
}

/**
 * Makes what answers calls for the models of a map. The map may change while calls run: a request
 * takes the model that is there once its body has come.
 *
 * @throws OptionError if a limit does not hold
 */
export function createResponder(models: ReadonlyMap<string, ServedModel>, options: ResponderOptions = {}): Responder {
  const limits = checkLimits(options.limits ?? {});
  const { isReady = () => true, onAnswered } = options;
  let waiting = 0;

  const infer = async (call: Call, route: ModelRoute): Promise<{ reply: Reply; items: number }> => {
    if (call.isLate || waiting >= limits.waiting) throw overloaded(limits.waiting);
    const headerBytes = headerLength(call);
    checkContent(call, headerBytes);
    const body = await call.body(limits.bodyBytes);
    const model = findModel(models, route);
    const request = readInferRequest(body, headerBytes, model, limits.batch);
    if (waiting + request.count > limits.waiting) throw overloaded(limits.waiting);
    waiting += request.count;
    try {
      const words = await model.run(request.numbers, request.count);
      return { reply: inferReply(route.model, model, request, words), items: request.count };
    } finally {
      waiting -= request.count;
    }
  };

  const answer = async (call: Call, route: Route) => {
    const expected = route.kind === "infer" ? "POST" : "GET";
    if (call.method !== expected) {
      throw new RequestError(405, `method: expected ${expected}, got ${show(call.method)}`, { allow: expected });
    }
    if (!("model" in route)) return { reply: serverReply(route.kind, isReady()), items: 0 };
    const model = findModel(models, route);
    if (route.kind === "infer") return infer(call, route);
    if (route.kind === "metadata") return { reply: jsonReply(200, modelMetadata(route.model, model)), items: 0 };
    return { reply: jsonReply(200, { name: route.model, ready: true }), items: 0 };
  };

  const respond = async (call: Call): Promise<Reply> => {
    const { arrived = performance.now() } = call;
    let route: Route | undefined;
    let done: { reply: Reply; items: number; error?: unknown };
    try {
      route = routeOf(call.path);
      done = await answer(call, route);
    } catch (error) {
      done = { reply: errorReply(error), items: 0, error };
    }
    onAnswered?.({
      route: route?.kind ?? "other",
      ...(route && "model" in route && models.has(route.model) ? { model: route.model } : {}),
      status: done.reply.status,
      milliseconds: performance.now() - arrived,
      items: done.items,
      ...(done.error === undefined ? {} : { error: done.error }),
    });
    return done.reply;
  };
  return Object.assign(respond, { waiting: () => waiting });
}

type ModelRoute = Extract<Route, { readonly model: string }>;

function findModel(models: ReadonlyMap<string, ServedModel>, { model: name, version }: ModelRoute): ServedModel {
  const model = models.get(name);
  if (model && (version === undefined || version === model.version)) return model;
  const got = version === undefined ? show(name) : `${show(name)}, version ${show(version)}`;
  throw new RequestError(404, `model: expected one that is served, got ${got}`);
}

function serverReply(kind: "live" | "ready" | "server", isReady: boolean): Reply {
  if (kind === "server") return jsonReply(200, SERVER_METADATA);
  return kind === "live" ? jsonReply(200, { live: true }) : jsonReply(isReady ? 200 : 503, { ready: isReady });
}

function headerLength(call: Call): number | undefined {
  const text = call.header(HEADER_LENGTH.toLowerCase());
  if (text === null || text === undefined) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new RequestError(400, `${HEADER_LENGTH}: expected a number of bytes, got ${show(text)}`);
}

/** A body without a type is taken as what it should be: Triton's clients send none. */
function checkContent(call: Call, headerBytes: number | undefined): void {
  const encoding = call.header("content-encoding") ?? "identity";
  if (encoding !== "identity") throw new RequestError(415, `Content-Encoding: expected none, got ${show(encoding)}`);
  const type = call.header("content-type")?.split(";")[0].trim().toLowerCase();
  const types = headerBytes === undefined ? ["application/json"] : ["application/octet-stream", "application/json"];
  if (type === undefined || types.includes(type)) return;
  const remedy = type === "application/octet-stream" ? `; a body with binary tensors needs ${HEADER_LENGTH}` : "";
  throw new RequestError(415, `Content-Type: expected ${types.join(" or ")}, got ${show(type)}${remedy}`);
}

function overloaded(limit: number): RequestError {
  return new RequestError(503, `server: expected fewer than ${limit} items at a time, got more; try again later`, {
    retryAfterSeconds: 1,
  });
}

/** Any error as the protocol gives it: `error` for people, `code` for programs. */
export function errorReply(error: unknown): Reply {
  if (!(error instanceof CirculantError) || error.code === "RUNTIME") {
    return jsonReply(500, { error: "server: expected an inference, got a fault of the server; it is logged" });
  }
  const { message, code, fields } = error;
  const status = error instanceof RequestError ? error.status : 400;
  const headers = {
    ...(fields.allow === undefined ? {} : { allow: String(fields.allow) }),
    ...(fields.retryAfterSeconds === undefined ? {} : { "retry-after": String(fields.retryAfterSeconds) }),
  };
  return jsonReply(status, { error: message, code }, headers);
}
