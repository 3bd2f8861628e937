/** Serving with `Request` and `Response`: the Open Inference Protocol v2, on any platform. */

export { createHandler, type HandlerOptions } from "./handler.ts";
export type { ServeLimits } from "./limits.ts";
export type { Answered, ResponderOptions } from "./respond.ts";
export { type Numbers, type ServedModel, servedSession } from "./served-model.ts";
