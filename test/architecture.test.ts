import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, posix, relative } from "node:path";
import { describe, expect, it } from "vitest";

/** Which rooms a room may import; docs/architecture.md draws the same arrows. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  fixed: [],
  fft: ["fixed"],
  layers: ["fft", "fixed"],
  model: ["layers", "fft", "fixed"],
  runtime: ["model", "layers", "fft", "fixed"],
  rtl: ["model", "layers", "fft", "fixed"],
  data: [],
  train: ["data"],
  compile: ["model", "layers", "fft", "fixed", "train"],
  finetune: ["train", "compile", "runtime", "data", "model", "layers", "fft", "fixed"],
  conform: ["runtime", "rtl", "model", "layers", "fft", "fixed"],
  synth: ["rtl", "model", "layers", "fft", "fixed"],
  threads: ["runtime", "model", "layers", "fft", "fixed"],
  serve: ["threads", "runtime", "model", "layers", "fft", "fixed"],
  design: [
    "finetune",
    "conform",
    "synth",
    "compile",
    "train",
    "data",
    "runtime",
    "rtl",
    "model",
    "layers",
    "fft",
    "fixed",
  ],
  cli: [
    "design",
    "serve",
    "threads",
    "finetune",
    "conform",
    "synth",
    "compile",
    "train",
    "data",
    "runtime",
    "rtl",
    "model",
    "layers",
    "fft",
    "fixed",
  ],
};
const SRC = join(import.meta.dirname, "../src");

interface Import {
  readonly file: string;
  readonly from: string;
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesUnder(path) : path.endsWith(".ts") ? [path] : [];
  });
}

function importsOf(path: string, text: string): Import[] {
  const file = relative(SRC, path).replaceAll("\\", "/");
  return [...text.matchAll(/(?<!")(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(([, from]) => ({ file, from }));
}

const IMPORTS = filesUnder(SRC).flatMap((path) => importsOf(path, readFileSync(path, "utf8")));

function upwardArrows(imports: readonly Import[]): string[] {
  return imports.flatMap(({ file, from }) => {
    const room = file.split("/")[0];
    if (!from.startsWith(".") || !file.includes("/")) return [];
    const target = posix.normalize(posix.join(posix.dirname(file), from)).split("/");
    if (target.length === 1 || target[0] === room || MAY_IMPORT[room]?.includes(target[0])) return [];
    return [`${file} imports ${target.join("/")}`];
  });
}

/** Imports of packages and of Node modules. */
function foreign(isMeant: (it: Import) => boolean): Import[] {
  return IMPORTS.filter((it) => isMeant(it) && !it.from.startsWith(".") && it.from !== "#kernels");
}

/** A file and all that it stands on. */
function reachedFrom(entry: string): ReadonlySet<string> {
  const reached = new Set<string>();
  const visit = (file: string) => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const { from } of IMPORTS.filter((arrow) => arrow.file === file)) {
      if (from.startsWith(".")) visit(posix.normalize(posix.join(posix.dirname(file), from)));
    }
  };
  visit(entry);
  return reached;
}

/** True for a file that the entry "circulant" may stand on. */
function isEdge(file: string): boolean {
  return ["index.ts", "core.ts", "errors.ts", "fixed", "fft", "layers", "model", "runtime"].includes(
    file.split("/")[0],
  );
}

describe("the rooms of src", () => {
  it("are those of the plan", () => {
    const rooms = readdirSync(SRC).filter((name) => statSync(join(SRC, name)).isDirectory());
    expect(rooms.sort()).toEqual(Object.keys(MAY_IMPORT).sort());
  });

  it("import only lower rooms", () => {
    expect(upwardArrows(IMPORTS)).toEqual([]);
  });

  it("an arrow that goes up is seen", () => {
    expect(upwardArrows([{ file: "fft/order.ts", from: "../model/model.ts" }])).toEqual([
      "fft/order.ts imports model/model.ts",
    ]);
  });

  it("the runtime and what it stands on import no package and no Node module", () => {
    expect(foreign(({ file }) => isEdge(file))).toEqual([]);
  });

  it("sessions in threads import no package, no Node module, and are imported by no entry but their own", () => {
    expect(foreign(({ file }) => file.startsWith("threads/"))).toEqual([]);
    expect(IMPORTS.filter(({ file, from }) => isEdge(file) && from.includes("threads/"))).toEqual([]);
  });

  it("the server's handler imports no package, no Node module, and nothing of the server for Node", () => {
    const isHandler = ({ file }: Import) => file.startsWith("serve/") && !file.startsWith("serve/node/");
    expect(foreign(isHandler)).toEqual([]);
    expect(IMPORTS.filter((it) => isHandler(it) && it.from.includes("node/"))).toEqual([]);
  });

  it("circulant/rtl/web stands on no package and no Node module", () => {
    const reached = reachedFrom("rtl/web.ts");
    expect(reached).toContain("rtl/simulate/compiled.ts");
    expect(foreign(({ file }) => reached.has(file))).toEqual([]);
  });

  it("circulant/core stands on no file that imports the packaged kernels", () => {
    const reached = reachedFrom("core.ts");
    expect(reached).toContain("runtime/wasm.ts");
    expect(reached).not.toContain("runtime/capabilities.ts");
  });

  it("the runtime and what it stands on ask for no class of a realm", () => {
    const files = filesUnder(SRC).filter((path) => {
      const file = relative(SRC, path).replaceAll("\\", "/");
      return isEdge(file) || file.startsWith("threads/");
    });
    expect(files.length).toBeGreaterThan(30);
    for (const file of files) expect(readFileSync(file, "utf8"), file).not.toMatch(/\w instanceof \w/);
  });
});
