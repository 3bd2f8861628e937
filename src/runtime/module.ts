import { OptionError } from "../errors.ts";
import { typeName } from "./tensor.ts";

/** Exports by which the kernels are known. */
const KERNEL_EXPORTS = [
  ...["memory", "HEAP", "TWIDDLES", "HALVED_TWIDDLES", "BIT_REVERSAL"],
  ...["run", "rfft", "irfft", "wordsFromPixels", "wordsFromReals"],
];

/**
 * A caller's module, if it is that of the kernels.
 *
 * @throws OptionError if it is not
 */
export function checkModule(module: WebAssembly.Module): WebAssembly.Module {
  if (typeName(module) !== "WebAssembly.Module") {
    throw new OptionError(
      `module: expected a WebAssembly.Module, got ${typeName(module)}; compile or import circulant/kernels.wasm`,
      { option: "module" },
    );
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
