import { OptionError } from "../errors.ts";
import type { Session } from "../runtime/session.ts";
import { readRequestBody } from "./body.ts";
import type { Call } from "./call.ts";
import { createResponder, type ResponderOptions } from "./respond.ts";
import { type ServedModel, servedSession } from "./served-model.ts";
import { show } from "./show.ts";

export interface HandlerOptions extends ResponderOptions {
  /** What is served, by the names that addresses give. */
  readonly models: Readonly<Record<string, Session | ServedModel>>;
}

/**
 * A server of the Open Inference Protocol v2 as one function, for Workers, Deno, Bun and whatever else has `Request`
 * and `Response`. It answers every request, also a wrong one, and throws nothing.
 *
 * ```ts
 * export default { fetch: createHandler({ models: { mnist: session } }) };
 * ```
 *
 * @throws OptionError if there is no model, a name cannot stand in an address, or a limit does not hold
 */
export function createHandler({ models, ...options }: HandlerOptions): (request: Request) => Promise<Response> {
  const served = new Map<string, ServedModel>();
  for (const [name, model] of Object.entries(models)) {
    checkModelName(name);
    served.set(name, "runSync" in model ? servedSession(model) : model);
  }
  if (served.size === 0) throw new OptionError("models: expected one or more, got none", { option: "models" });
  const respond = createResponder(served, options);
  return async (request) => {
    const { status, headers, body } = await respond(callOf(request));
    return new Response(body, { status, headers });
  };
}

/** @throws OptionError if it cannot stand in an address as it is */
export function checkModelName(name: string): void {
  if (/^(?!\.+$)[\w.-]{1,100}$/.test(name)) return;
  throw new OptionError(`model name: expected letters, digits, _ . - and at most 100 of them, got ${show(name)}`, {
    option: "models",
  });
}

function callOf(request: Request): Call {
  return {
    method: request.method,
    path: new URL(request.url).pathname,
    header: (name) => request.headers.get(name),
    body: (limitBytes) => readRequestBody(request, limitBytes),
  };
}
