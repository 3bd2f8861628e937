import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const CACHE = fileURLToPath(new URL("../../.cache/bench", import.meta.url));
const WASM = join(CACHE, "kissfft-q15.wasm");
const PACKAGES = ["clang", "lld", "wasi-libc", "dpkg-dev"];
const EXPORTS = ["malloc", "kiss_fftr_alloc", "kiss_fftr"];

/**
 * kissfft in 16-bit fixed point, compiled to WebAssembly from Debian's source package: no npm package has it.
 *
 * @returns `{ module, version }`, or `{ skipped }` with the reason
 */
export function kissfftQ15() {
  const versionFile = join(CACHE, "kissfft-version");
  if (existsSync(WASM) && existsSync(versionFile)) return load(versionFile);
  try {
    const source = fetchSource();
    compile(source);
    writeFileSync(versionFile, source.version);
    return load(versionFile);
  } catch (error) {
    return {
      skipped: `kissfft q15 needs Debian's ${PACKAGES.join(", ")} and source package kissfft: ${error.message}`,
    };
  }
}

function load(versionFile) {
  return { module: new WebAssembly.Module(readFileSync(WASM)), version: readFileSync(versionFile, "utf8") };
}

/** Unpacks the source package, from the archives that the machine uses; installs the compiler if root. */
function fetchSource() {
  const folder = join(CACHE, "kissfft");
  rmSync(folder, { recursive: true, force: true });
  for (const name of ["sources", "lists/partial"]) mkdirSync(join(folder, name), { recursive: true });
  if (["clang", "wasm-ld"].some(isMissing) || !existsSync("/usr/lib/wasm32-wasi")) {
    if (process.getuid?.() !== 0) throw new Error("they are not installed");
    run("apt-get", ["-qq", "update"]);
    run("apt-get", ["-qq", "install", "-y", "--no-install-recommends", ...PACKAGES]);
  }
  const sources = readFileSync("/etc/apt/sources.list.d/debian.sources", "utf8");
  writeFileSync(join(folder, "sources/debian.sources"), sources.replaceAll(/^Types:.*$/gm, "Types: deb-src"));
  const only = [
    "Dir::Etc::SourceList=/dev/null",
    `Dir::Etc::SourceParts=${folder}/sources`,
    `Dir::State::Lists=${folder}/lists`,
  ];
  const options = ["-qq", ...only.flatMap((option) => ["-o", option])];
  run("apt-get", [...options, "update"]);
  run("apt-get", [...options, "source", "--download-only", "kissfft"], folder);
  const archive = readdirSync(folder).find((name) => name.includes(".orig.tar"));
  run("tar", ["xf", archive, "--strip-components=1"], folder);
  return { folder, version: archive.split("_")[1].split(".orig")[0] };
}

function compile({ folder }) {
  const flags = ["--target=wasm32-wasi", "--sysroot=/usr", "-O3", "-msimd128", "-DFIXED_POINT=16", "-nostdlib"];
  const link = ["-Wl,--no-entry", ...EXPORTS.map((name) => `-Wl,--export=${name}`)];
  const partial = `${WASM}.partial`;
  run("clang", [...flags, ...link, "-o", partial, "kiss_fft.c", "kiss_fftr.c", "-lc", "-lm"], folder);
  renameSync(partial, WASM);
}

const isMissing = (program) => spawnSync(program, ["--version"]).error !== undefined;

function run(command, args, cwd) {
  const { error, status, stderr } = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (error || status !== 0)
    throw new Error(`${command} ${args.join(" ")}: ${error?.message ?? stderr.trim().slice(-300)}`);
}
