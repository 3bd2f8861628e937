import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { SynthesisError } from "../errors.ts";
import { RTL_FOLDER } from "../rtl/sources.ts";
import type { Family } from "./family.ts";
import type { MappedNetlist } from "./netlist.ts";
import { isWrittenOut } from "./verilog.ts";

/** Cells without a model in the Yosys package, or with a slow one: rtl/cells has one for each, and the modules it is made of. */
const OWN_MODELS: ReadonlyMap<string, readonly string[]> = new Map([
  ["MULT18X18D", []],
  ["DP16KD", ["ram_cell"]],
  ["RAMB18E1", ["ramb_cell", "ram_cell"]],
  ["RAMB36E1", ["ramb_cell", "ram_cell"]],
  ["SB_RAM40_4K", []],
]);

interface Tree {
  readonly [name: string]: Tree | string | Uint8Array | URL;
}

/**
 * The Verilog models of the cells of a netlist: those of Yosys, and this project's own where Yosys has none.
 *
 * @throws SynthesisError naming a cell that has no model
 */
export async function cellModels(netlist: MappedNetlist, family: Family): Promise<string> {
  const modules = new Set(netlist.map(({ name }) => name));
  const needed = netlist.flatMap(({ cells }) => Object.values(cells).filter((cell) => !isWrittenOut(cell)));
  const types = new Set(needed.map(({ type }) => type));
  const wanted = [...types].filter((type) => !modules.has(type) && !type.startsWith("$")).sort();
  const library = (await Promise.all(family.models.map(readLibrary))).join("\n");
  const texts = new Map<string, string>();
  const add = (type: string) => {
    if (texts.has(type)) return;
    const text = OWN_MODELS.has(type) ? ownModel(type) : moduleText(library, type);
    if (text === undefined) {
      throw new SynthesisError(
        `${type}: expected a cell of ${family.name} with a model to simulate it with, got none`,
        {
          family: family.name,
          cell: type,
        },
      );
    }
    texts.set(type, text);
    for (const [, used] of text.matchAll(/^\s*(\w+)\s+(?:#\s*\(|\w+\s*\()/gm)) {
      if (used !== type && moduleText(library, used) !== undefined) add(used);
    }
  };
  for (const type of wanted) add(type);
  for (const part of wanted.flatMap((type) => OWN_MODELS.get(type) ?? [])) texts.set(part, ownModel(part));
  return [family.defines, macros(library), ...texts.values()].join("\n");
}

function ownModel(name: string): string {
  return readFileSync(join(RTL_FOLDER, "cells", `${name}.v`), "utf8");
}

/** The text of a module in a library, `module` to `endmodule`. */
function moduleText(library: string, name: string): string | undefined {
  const start = new RegExp(`^module ${name}\\b`, "m").exec(library)?.index;
  if (start === undefined) return undefined;
  const end = /^endmodule/m.exec(library.slice(start));
  return end === null ? undefined : library.slice(start, start + end.index + end[0].length);
}

/** The lines of macros that stand before the first module, on which the modules lean. */
function macros(library: string): string {
  const first = library.search(/^module /m);
  return library.slice(0, first).replace(/^\s*\(\*.*\*\)\s*$/gm, "");
}

/** A file of cell models, with the files that it includes put in. */
async function readLibrary(path: string): Promise<string> {
  const bundle = createRequire(import.meta.url).resolve("@yowasp/yosys");
  const resources = pathToFileURL(join(dirname(bundle), "resources-yosys.js")).href;
  const { filesystem } = (await import(resources)) as { filesystem: Tree };
  const share = filesystem.share as Tree;
  const read = (file: string): string => {
    const found = file.split("/").reduce<Tree | string | Uint8Array | URL>((tree, name) => (tree as Tree)[name], share);
    const text =
      found instanceof URL
        ? readFileSync(found, "utf8")
        : typeof found === "string"
          ? found
          : new TextDecoder().decode(found as Uint8Array);
    return text.replace(/^`include "(\w+\.vh)"/gm, (_, name: string) => read(`${dirname(file)}/${name}`));
  };
  return read(path);
}
