import { compiledKernels } from "./capabilities.ts";
import { type SessionOptions, type Sessions, sessionsWith } from "./create.ts";
import type { LoadedSession } from "./loaded.ts";
import { checkModule } from "./module.ts";

/**
 * A model, loaded and ready to run.
 *
 * ```ts
 * using session = await Session.create(new URL("model.safetensors", location.href));
 * const { output } = session.runSync({ input: pixels });
 * ```
 */
export type Session = LoadedSession;

/** Loads models; the kernels are the package's unless the caller brings them. */
export const Session: Sessions<[options?: SessionOptions]> = /* @__PURE__ */ sessionsWith(kernelsOr);

/** The caller's module if there is one, else the package's. */
export function kernelsOr(module: WebAssembly.Module | undefined): WebAssembly.Module {
  return module === undefined ? compiledKernels() : checkModule(module);
}
