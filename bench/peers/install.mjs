import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("..", import.meta.url));
const LOCK = `${folder}package-lock.json`;
const INSTALLED = `${folder}node_modules/installed.json`;

/** Installs the peers into bench/node_modules if the lock file has changed. They need no install script. */
export function installPeers() {
  const text = (file) => (existsSync(file) ? readFileSync(file, "utf8") : undefined);
  if (text(LOCK) === text(INSTALLED)) return;
  rmSync(INSTALLED, { force: true });
  console.error("installing the peers into bench/node_modules");
  const { status } = spawnSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status !== 0) throw new Error(`npm ci in ${folder}: expected exit 0, got ${status}`);
  copyFileSync(LOCK, INSTALLED);
}

/** The Node binary of another major version that bench/package.json brings. */
export function nodeBinary(major) {
  const file = `${folder}node_modules/node-${major}/bin/node`;
  if (!existsSync(file)) throw new Error(`--node: expected 22, and Linux on x64, got ${major}, and no ${file}`);
  return file;
}
