// The kernels in C: assembly/kernels/*.ts, whose text is C but for its declarations, casts and names of instructions.
// simd.h has the instructions as SSE4.1 intrinsics. Both compilers so get one algorithm, and a change of the kernels is
// a change of both.
import { readFileSync } from "node:fs";

const KERNELS = [
  "tables",
  "lanes",
  "activation",
  "tiles",
  "rfft",
  "irfft",
  "product",
  "convolve",
  "windows",
  "program",
];
const FILES = ["src/fixed/arithmetic.ts", ...KERNELS.map((name) => `assembly/kernels/${name}.ts`)];
const INLINE = "static inline __attribute__((always_inline)) ";
const TYPES = "(?:usize|i32|u32|u16|u8|i16|bool|v128|void)";

/** One C file with the function `run`, after declarations of all. */
export function translateKernels(root) {
  const files = FILES.map((file) => translate(readFileSync(new URL(file, root), "utf8"), nameOf(file)));
  const prototypes = files.flatMap(({ prototypes }) => prototypes);
  return ['#include "simd.h"', ...prototypes, ...files.map(({ text }) => text)].join("\n");
}

function nameOf(file) {
  return file.replace(/.*\//, "").replace(".ts", "");
}

function translate(source, file) {
  let text = source
    .replace(/^import [^;]*;$/gm, "")
    .replace(/^export const (\w+): usize = memory\.data\(.*\);$/gm, "/* $1: of the binary */")
    .replace(/^(?:export )?const (\w+)(?:: usize)? = (\d+);$/gm, "#define $1 $2")
    .replaceAll("===", "==")
    .replace(/,(\s*)\)/g, "$1)")
    .replace(new RegExp(`<(${TYPES})>(?=[\\w(-])`, "g"), "($1)")
    .replace(/\b(load|store)<(\w+)>|\b(load|store)\((\w+)\)(?=\()/g, (_, name, type, other, otherType) => {
      return `${name ?? other}_${type ?? otherType}`;
    })
    .replace(/\bv128\.shuffle(?:<|\()(\w+)(?:>|\))/g, "v128_shuffle_$1")
    .replace(/\b(v128|i16x8|i32x4|memory)\.(\w+)/g, "$1_$2")
    .replace(/\bfor \(let (\w+): (\w+) = ([^;]*);/g, (_, name, type, rest) => {
      return `for (${type} ${name} = ${rest.replaceAll(`: ${type}`, "")};`;
    })
    .replace(/\bfor \((?:let|const) /g, "for (__auto_type ")
    .replace(/^( *)(?:const|let) ([^;]*);/gm, (_, indent, list) => `${indent}${declarations(list)}`);
  for (const name of privateNames(text)) text = text.replace(new RegExp(`\\b${name}(?=\\()`, "g"), `${file}_${name}`);
  const prototypes = [];
  text = text.replace(
    /(\/\/ @ts-ignore: decorator\n@inline\n)?(?:export )?function (\w+)\(([^)]*)\): (\w+) \{/g,
    (_, inline, name, parameters, type) => {
      const list = parameters.replace(/(\w+): (\w+)/g, "$2 $1").trim();
      const head = `${inline ? INLINE : "static "}${type} ${name}(${list})`;
      prototypes.push(`${head};`);
      return `${head} {`;
    },
  );
  return { text, prototypes };
}

function privateNames(text) {
  return [...text.matchAll(/^function (\w+)\(/gm)].map(([, name]) => name);
}

/** `a = 1, b = 2` as two declarations. */
function declarations(list) {
  const parts = [];
  let depth = 0;
  let part = "";
  for (const letter of list) {
    depth += "([".includes(letter) ? 1 : ")]".includes(letter) ? -1 : 0;
    if (letter === "," && depth === 0) {
      parts.push(part.trim());
      part = "";
    } else part += letter;
  }
  return [...parts, part.trim()].map(declaration).join(" ");
}

/** `name = value`, or `name: type` with or without a value. */
function declaration(text) {
  const [, name, type, value] = /^(\w+)(?:: (\w+))?( = .*)?$/s.exec(text);
  return `${type ?? "__auto_type"} ${name}${value ?? ""};`;
}
