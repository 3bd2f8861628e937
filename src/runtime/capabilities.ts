import { KERNELS_BASE64 } from "#kernels";
import { OptionError, RuntimeError } from "../errors.ts";
import { typeName } from "./tensor.ts";

/** What would run a model here, and why. */
export type Capabilities =
  | { readonly backend: "wasm"; readonly reason: string }
  | { readonly backend: "none"; readonly reason: string; readonly remedy: string };

/** Exports by which the kernels are known. */
const KERNEL_EXPORTS = [
  ...["memory", "HEAP", "TWIDDLES", "HALVED_TWIDDLES", "BIT_REVERSAL"],
  ...["run", "rfft", "irfft", "wordsFromPixels", "wordsFromReals"],
];

const REFERENCE_REMEDY = 'ask for the slow reference with backend: "reference"';

/**
 * Tells whether this engine can run the kernels. Nothing is chosen silently: a session runs the kernels or throws
 * the same reason, and runs the reference only if asked to.
 */
export function capabilities(): Capabilities {
  const found = findModule();
  if ("module" in found) return { backend: "wasm", reason: "the engine compiles WebAssembly SIMD" };
  return { backend: "none", ...found };
}

/**
 * The compiled kernels: the caller's, or the inlined ones, compiled on first use and kept.
 *
 * @throws RuntimeError if the engine cannot run them, with the reason and the remedy
 * @throws OptionError  if the caller's module is not that of the kernels
 */
export function compiledKernels(supplied?: WebAssembly.Module): WebAssembly.Module {
  if (supplied !== undefined) return checkModule(supplied);
  const found = findModule();
  if ("module" in found) return found.module;
  throw new RuntimeError(
    `kernels: expected an engine with WebAssembly SIMD, got one where ${found.reason}; ${found.remedy}`,
    {
      reason: found.reason,
    },
  );
}

let compiled: WebAssembly.Module | undefined;

function findModule(): { module: WebAssembly.Module } | { reason: string; remedy: string } {
  if (typeof WebAssembly === "undefined") {
    return { reason: "there is no WebAssembly", remedy: `turn it on, or ${REFERENCE_REMEDY}` };
  }
  if (compiled) return { module: compiled };
  const bytes = decodeBase64(KERNELS_BASE64);
  if (!WebAssembly.validate(bytes)) {
    return { reason: "WebAssembly has no SIMD", remedy: `use a newer engine, or ${REFERENCE_REMEDY}` };
  }
  try {
    compiled = new WebAssembly.Module(bytes);
    return { module: compiled };
  } catch (error) {
    return {
      reason: `code generation is disallowed (${error instanceof Error ? error.message : String(error)})`,
      remedy: `allow 'wasm-unsafe-eval' in the page's policy, or pass the compiled kernels.wasm as module, or ${REFERENCE_REMEDY}`,
    };
  }
}

function decodeBase64(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

function checkModule(module: WebAssembly.Module): WebAssembly.Module {
  if (typeName(module) !== "WebAssembly.Module") {
    throw new OptionError(`module: expected a WebAssembly.Module, got ${typeName(module)}`, { option: "module" });
  }
  const names = new Set(WebAssembly.Module.exports(module).map(({ name }) => name));
  const missing = KERNEL_EXPORTS.filter((name) => !names.has(name));
  if (missing.length > 0) {
    throw new OptionError(`module: expected the compiled kernels.wasm of this package, got one without ${missing}`, {
      option: "module",
    });
  }
  return module;
}
