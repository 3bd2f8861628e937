// Compiles the native kernels and talks to them.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { translateKernels } from "./translate.mjs";

const ROOT = new URL("../../", import.meta.url);
const HERE = fileURLToPath(new URL(".", import.meta.url));
/** What any flags stand on. */
const BASE = ["-std=gnu17", "-msse4.1", "-fwrapv", "-fno-strict-aliasing", "-Wall", "-Wno-unused"];
/** V8 unrolls loops too. */
const FLAGS = ["-O3", "-funroll-loops"];

/**
 * Translates and compiles the kernels into a folder of their own, which the caller removes.
 *
 * @param module  the binary whose tables stand where the native kernels look for them
 * @param flags   of the compiler, besides those that the result needs
 * @param kernels the kernels in C
 * @returns the program, its folder and the compiler's name, or the reason why there is none
 */
export function buildNative(module, { flags = FLAGS, kernels = translateKernels(ROOT) } = {}) {
  if (process.arch !== "x64") return { reason: `the intrinsics are those of x64, this is ${process.arch}` };
  if (process.platform !== "linux") return { reason: `its memory is mapped as on Linux, this is ${process.platform}` };
  const { error, stdout } = spawnSync("gcc", ["--version"], { encoding: "utf8" });
  if (error) return { reason: "there is no gcc" };
  const folder = mkdtempSync(join(tmpdir(), "circulant-native-"));
  const program = join(folder, "native");
  try {
    writeFileSync(join(folder, "kernels.c"), kernels);
    const sources = ["-I", folder, "-I", HERE, "-o", program, join(HERE, "main.c")];
    execFileSync("gcc", [...BASE, ...flags, ...addresses(module), ...sources], {
      stdio: ["ignore", "inherit", "inherit"],
    });
  } catch (cause) {
    rmSync(folder, { recursive: true });
    throw cause;
  }
  return { program, folder, compiler: `${stdout.split("\n")[0]}, -msse4.1 ${flags.join(" ")}` };
}

function addresses(module) {
  const { exports } = new WebAssembly.Instance(module);
  return ["TWIDDLES", "HALVED_TWIDDLES", "BIT_REVERSAL"].map((name) => `-D${name}=${exports[name].value}UL`);
}

/** The native program on an image; `ask` sends a line and gives the answer. */
export function startNative(program, image) {
  const child = spawn(program, [image], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(line) {
      child.stdin.write(`${line}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`native: expected an answer to ${line}, got the end of the program`);
      return value;
    },
    end: () => child.stdin.end(),
  };
}
