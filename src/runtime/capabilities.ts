import { PACKAGED } from "#kernels";
import { RuntimeError } from "../errors.ts";
import { type Engine, engine, type SimdEngine, simdEngine } from "./engine.ts";
import { messageOf } from "./message.ts";

/** Which of the two binaries: with the SIMD of the first standard alone, or with one relaxed instruction; equal words. */
export type KernelBinary = "plain" | "relaxed";

/** Why an engine cannot run the kernels. */
export type EngineProblem = "NO_WEBASSEMBLY" | "NO_SIMD" | "CSP" | "CODE_GENERATION";

/** What would run a model here, and why. */
export type Capabilities = { readonly engine: Engine } & (
  | { readonly backend: "wasm"; readonly binary: KernelBinary; readonly reason: string }
  | { readonly backend: "none"; readonly problem: EngineProblem; readonly reason: string; readonly remedy: string }
);

/** Compiled kernels, and why these. */
interface Found {
  readonly module: WebAssembly.Module;
  readonly binary: KernelBinary;
  readonly reason: string;
}

/** Why there are none. */
interface Lack {
  readonly problem: EngineProblem;
  readonly reason: string;
  readonly remedy: string;
}

/**
 * Tells whether this engine can run the kernels, and which of the two binaries. Nothing is chosen silently: a session
 * runs the kernels or throws the same reason, and runs the reference only if asked to.
 */
export function capabilities(): Capabilities {
  const able = engine();
  const found = findKernels(able);
  if ("problem" in found) return { backend: "none", ...found, engine: able };
  const { binary, reason } = found;
  return { backend: "wasm", binary, reason, engine: able };
}

/**
 * The package's kernels, compiled on first use and kept.
 *
 * @throws RuntimeError if the engine cannot run them, with the problem, the reason and the remedy
 */
export function compiledKernels(): WebAssembly.Module {
  const found = kept ?? findKernels(simdEngine());
  if ("module" in found) return found.module;
  const { problem, reason, remedy } = found;
  throw new RuntimeError(`kernels: expected an engine with WebAssembly SIMD, got one where ${reason}; ${remedy}`, {
    problem,
    reason,
  });
}

const ASK = 'ask for the slow reference with backend: "reference"';

let kept: Found | undefined;

/** The smallest module: magic and version. */
const EMPTY = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

function findKernels({ webAssembly, simd, relaxedSimd }: SimdEngine): Found | Lack {
  if (!webAssembly) {
    return { problem: "NO_WEBASSEMBLY", reason: "there is no WebAssembly", remedy: `turn it on, or ${ASK}` };
  }
  if (kept) return kept;
  if ("module" in PACKAGED) {
    return {
      module: PACKAGED.module,
      binary: "plain",
      reason: "the runtime compiled the plain binary with the program",
    };
  }
  if (!simd) return { problem: "NO_SIMD", reason: "WebAssembly has no SIMD", remedy: `use a newer engine, or ${ASK}` };
  const bytes = decodeBase64(PACKAGED.base64);
  if (relaxedSimd) putRelaxedProducts(bytes, PACKAGED.relaxed);
  try {
    const chosen: Pick<Found, "binary" | "reason"> = relaxedSimd
      ? { binary: "relaxed", reason: "the engine has SIMD and relaxed SIMD" }
      : { binary: "plain", reason: "the engine has SIMD and no relaxed SIMD" };
    const module = new WebAssembly.Module(bytes);
    // WebKit compiles under a policy that forbids WebAssembly, and refuses the first instance.
    new WebAssembly.Instance(new WebAssembly.Module(EMPTY));
    kept = { module, ...chosen };
    return kept;
  } catch (error) {
    return refusalOf(messageOf(error));
  }
}

/** What an engine means that validates the kernels and does not compile them. */
function refusalOf(message: string): Lack {
  if (/Content Security Policy|\bCSP\b|wasm-(unsafe-)?eval/i.test(message)) {
    return {
      problem: "CSP",
      reason: `the page's Content Security Policy forbids WebAssembly (${message})`,
      remedy: `add 'wasm-unsafe-eval' to its script-src, or ${ASK}`,
    };
  }
  return {
    problem: "CODE_GENERATION",
    reason: `code generation is disallowed (${message})`,
    remedy: `import circulant/kernels.wasm as a module and pass it to circulant/core, or ${ASK}`,
  };
}

function putRelaxedProducts(bytes: Uint8Array, steps: readonly number[]): void {
  let at = 0;
  for (const step of steps) {
    at += step;
    bytes[at] = 0x91;
    bytes[at + 1] = 0x02;
  }
}

/** By the engine's own decoder for bytes where it has one: a loop over 50,000 characters takes milliseconds at first. */
function decodeBase64(base64: string): Uint8Array<ArrayBuffer> {
  const { Buffer } = globalThis as { Buffer?: { from(text: string, encoding: "base64"): Uint8Array<ArrayBuffer> } };
  const { fromBase64 } = Uint8Array as { fromBase64?: (text: string) => Uint8Array<ArrayBuffer> };
  if (fromBase64) return fromBase64.call(Uint8Array, base64);
  if (Buffer) return Buffer.from(base64, "base64");
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
