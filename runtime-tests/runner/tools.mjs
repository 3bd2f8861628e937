import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { run } from "./processes.mjs";

/** Programs that come with the system, where Debian puts them if not on the path, and its packages. */
const TOOLS = {
  chromium: { packages: ["chromium"] },
  "firefox-esr": { packages: ["firefox-esr"] },
  WebKitWebDriver: { packages: ["webkit2gtk-driver"] },
  MiniBrowser: {
    packages: ["webkit2gtk-driver"],
    at: [
      "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser",
      "/usr/lib/aarch64-linux-gnu/webkit2gtk-4.1/MiniBrowser",
    ],
  },
  Xvfb: { packages: ["xvfb"] },
  "wasm-interp": { packages: ["wabt"] },
};

/** The path of a program, or undefined. */
export function toolPath(name) {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return [...folders.map((folder) => join(folder, name)), ...(TOOLS[name]?.at ?? [])].find(existsSync);
}

/** Installs the missing ones of some programs where that can be done: by root, on Debian. */
export async function installTools(names) {
  const missing = names.filter((name) => !toolPath(name));
  if (missing.length === 0 || process.getuid?.() !== 0 || !toolPath("apt-get")) return;
  const packages = [...new Set(missing.flatMap((name) => TOOLS[name].packages))];
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const apt = (...args) => run("apt-get", ["-o", "DPkg::Lock::Timeout=300", "-qq", ...args], { env, seconds: 900 });
  console.log(`installing  ${packages.join(" ")}`);
  await apt("update");
  await apt("install", "-y", "--no-install-recommends", ...packages);
}

/** Why a row cannot run here, or undefined. */
export function missingTool(names) {
  const name = names.find((name) => !toolPath(name));
  return name && `${name} is not installed (Debian: ${TOOLS[name].packages.join(" ")})`;
}

/** First match of a pattern in what a program says of its version. */
export function versionOf(path, pattern = /\d+(\.\d+)+/, args = ["--version"]) {
  return execFileSync(path, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).match(pattern)[0];
}
