import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";
import { run } from "./processes.mjs";

/** Folders of runtime-tests that are no fixtures. */
const NOT_STAGED = ["runner", "node_modules", "package.json", "package-lock.json"];
const IDX_HEADER_BYTES = 16;

/**
 * Makes a fresh folder with the fixtures, the examples, the packed package in `node_modules` and the assets.
 * The package is unpacked, not installed: the runtime entry has to work without a single dependency. Where `installs`
 * asks for it, a second folder has it installed by npm, with its dependencies and its command.
 *
 * @param root     the project
 * @param cache    where the folders are made, and where installed packages stand
 * @param package_ a folder that stands in for the packed package, unpacked and installed, or undefined
 * @param plant    whether one bit of a weight is flipped
 * @returns the two folders; they are one if the package is not installed
 */
export async function stage({ root, cache, package_, plant, installs }) {
  const folder = join(cache, "stage");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "node_modules"), { recursive: true });
  const fixtures = join(root, "runtime-tests");
  cpSync(fixtures, folder, {
    recursive: true,
    filter: (from) => !NOT_STAGED.some((name) => from === join(fixtures, name)),
  });
  const unpacked = join(folder, "node_modules/circulant");
  if (package_) {
    symlinkSync(package_, unpacked);
    await writeAssets({ root, folder, unpacked, plant });
    return { folder, installed: folder };
  }
  const packed = await pack(root, cache);
  mkdirSync(unpacked);
  await run("tar", ["xzf", packed, "--strip-components=1", "-C", unpacked]);
  await writeAssets({ root, folder, unpacked, plant });
  const installed = installs ? await installPacked(packed, folder, join(cache, "installed")) : folder;
  rmSync(packed);
  return { folder, installed };
}

async function pack(root, cache) {
  const stdout = await run("npm", ["pack", "--json", "--pack-destination", cache], { cwd: root });
  const [{ filename, size }] = JSON.parse(stdout);
  console.log(`packed      ${filename}, ${size} bytes`);
  return join(cache, filename);
}

/** Installs the packed package as a user would, beside the programs of the stage that need nothing else. */
async function installPacked(packed, folder, to) {
  rmSync(to, { recursive: true, force: true });
  for (const name of ["shared", "node"]) cpSync(join(folder, name), join(to, name), { recursive: true });
  writeFileSync(join(to, "package.json"), '{ "private": true }\n');
  await run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", packed], { cwd: to });
  return to;
}

/** Writes the models and the digits as one module of base64, so that no runtime has to read a file. */
async function writeAssets({ root, folder, unpacked, plant }) {
  const golden = readGolden(root);
  const read = async (name) => {
    const bytes = readFileSync(join(unpacked, "models", `${name}.safetensors`));
    return [name, Buffer.from(plant ? await withWrongBit(bytes, unpacked) : bytes).toString("base64")];
  };
  const models = Object.fromEntries(await Promise.all(Object.keys(golden.models).map(read)));
  const idx = gunzipSync(readFileSync(join(root, golden.folder, "t10k-images-idx3-ubyte.gz")));
  const digits = idx.subarray(IDX_HEADER_BYTES).toString("base64");
  const text = `export const models = ${JSON.stringify(models)};\nexport const digits = "${digits}";\n`;
  writeFileSync(join(folder, "shared/assets.mjs"), text);
}

/** The digests that every runtime must give. */
export function readGolden(root) {
  return JSON.parse(readFileSync(join(root, "models/golden.json"), "utf8"));
}

/** A model file that differs in the lowest bit of a weight of the last layer, its own digest made good. */
async function withWrongBit(bytes, unpacked) {
  const load = (path) => import(pathToFileURL(join(unpacked, "dist/model", path)).href);
  const [{ readModel }, { writeModel }] = await Promise.all([load("read.js"), load("write.js")]);
  const model = readModel(bytes);
  const last = model.operations.length - 1;
  const operations = model.operations.map((operation, i) => {
    if (i !== last) return operation;
    return { ...operation, weights: operation.weights.map((word, at) => (at === 0 ? word ^ 1 : word)) };
  });
  return writeModel({ ...model, operations });
}

/** Installs the packages of runtime-tests, or of one of its folders, into a cache if the list has changed. */
export async function install(from, cache) {
  const lock = "package-lock.json";
  mkdirSync(cache, { recursive: true });
  const isFresh = existsSync(join(cache, "node_modules")) && sameText(join(from, lock), join(cache, "installed.json"));
  if (isFresh) return;
  rmSync(join(cache, "installed.json"), { force: true });
  for (const name of ["package.json", lock]) cpSync(join(from, name), join(cache, name));
  await run("npm", ["ci", "--no-audit", "--no-fund"], { cwd: cache, seconds: 900 });
  cpSync(join(cache, lock), join(cache, "installed.json"));
}

function sameText(a, b) {
  return existsSync(b) && readFileSync(a, "utf8") === readFileSync(b, "utf8");
}
