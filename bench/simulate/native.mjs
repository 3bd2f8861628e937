// Simulators in C++ with a loop in C++: it loads the memories, resets, runs until done_o and times only that.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { limbs32, RESET_CYCLES } from "../../dist/rtl/simulate/design.js";
import { elaborateCommands, runYosys } from "../../dist/rtl/simulate/yosys.js";

const BUILD = { stdio: ["ignore", "ignore", "pipe"], maxBuffer: 2 ** 28 };

function missing(...programs) {
  const absent = programs.find((program) => spawnSync(program, ["--version"], { stdio: "ignore" }).error);
  return absent && `${absent} is not installed`;
}

/** CXXRTL, of the same Yosys that writes the netlist for WebAssembly. */
export async function buildCxxrtl({ design, ...workload }) {
  const reason = missing("g++");
  if (reason) return { reason };
  const folder = mkdtempSync(join(tmpdir(), "circulant-cxxrtl-"));
  const { files, script } = elaborateCommands(design.sources, design.top, design.parameters);
  const commands = [...script, `rename -top ${design.top}`, "proc", "write_cxxrtl -O6 design.cc"].join("; ");
  const { ok, log, files: written } = await runYosys(commands, files, ["design.cc"]);
  if (!ok) throw new Error(log);
  writeFileSync(join(folder, "design.cc"), written["design.cc"]);
  await writeHeaders(folder);
  const mangled = (name) => `p_${name.replaceAll("_", "__")}`;
  const place = (path) => `items.at("${path.replaceAll(".", " ")}").at(0)`;
  const main = driver({
    include: '#include "design.cc"',
    setUp: `cxxrtl_design::${mangled(design.top)} top;
      cxxrtl::debug_items items;
      top.debug_info(&items, nullptr, "");`,
    set: (name, value) => `top.${mangled(name)}.set<uint32_t>(${value});`,
    done: `top.${mangled("done_o")}.get<bool>()`,
    step: "top.step();",
    load: (path) => `{ auto &item = ${place(path)}; read(file, item.curr, item.depth * ((item.width + 31) / 32)); }`,
    word: (path) => `${place(path)}.curr[i]`,
    design,
  });
  writeFileSync(join(folder, "main.cc"), main);
  execFileSync("g++", ["-std=c++17", "-O3", "-I", folder, "-o", "simulation", "main.cc"], { cwd: folder, ...BUILD });
  return { ...runner(folder, "./simulation", design, workload), version: `g++ ${versionOf("g++", "-dumpversion")}` };
}

/** The runtime of CXXRTL, which is inside of the package of Yosys. */
async function writeHeaders(folder) {
  const bundle = createRequire(import.meta.url).resolve("@yowasp/yosys");
  const { filesystem } = await import(pathToFileURL(join(dirname(bundle), "resources-yosys.js")).href);
  const write = (tree, path) => {
    for (const [name, entry] of Object.entries(tree)) {
      if (typeof entry === "string") writeFileSync(join(path, name), entry);
      else if (!(entry instanceof URL)) {
        mkdirSync(join(path, name), { recursive: true });
        write(entry, join(path, name));
      }
    }
  };
  write(filesystem.share.include.backends.cxxrtl.runtime, folder);
}

/** Verilator's C++ model; its memories are made reachable by a configuration file. */
export async function buildVerilated({ design, ...workload }) {
  const reason = missing("verilator", "g++", "make");
  if (reason) return { reason };
  const folder = mkdtempSync(join(tmpdir(), "circulant-verilated-"));
  for (const { name, text } of design.sources) writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, "memories.vlt"), '`verilator_config\npublic_flat_rw -module "memory" -var "mem"\n');
  const place = (path) => `top->rootp->${design.top}__DOT__${path.replaceAll(".", "__DOT__")}`;
  const main = driver({
    include: `#include "V${design.top}.h"\n#include "V${design.top}___024root.h"`,
    setUp: `auto *context = new VerilatedContext; auto *top = new V${design.top}{context};`,
    set: (name, value) => `top->${name} = ${value};`,
    done: "top->done_o",
    step: "top->eval();",
    load: (path) => `loadMemory(file, ${place(path)});`,
    word: (path) => `${place(path)}[i]`,
    design,
  });
  writeFileSync(join(folder, "main.cc"), main);
  const overrides = Object.entries(design.parameters).map(([name, value]) => `-G${name}=${value}`);
  const names = design.sources.map(({ name }) => name).filter((name) => name.endsWith(".v"));
  execFileSync(
    "verilator",
    [
      ...["--cc", "--exe", "--build", "-O3", "-CFLAGS", "-O3", "--top-module", design.top, "-j", "2"],
      ...["-Wno-fatal", "-Wno-lint", "-Wno-style", "--default-language", "1364-2005"],
      ...["--Mdir", "obj", "-o", "../simulation", "memories.vlt", ...overrides, ...names, "main.cc"],
    ],
    { cwd: folder, ...BUILD },
  );
  return { ...runner(folder, "./simulation", design, workload), version: versionOf("verilator", "--version") };
}

function versionOf(program, argument) {
  return execFileSync(program, [argument], { encoding: "utf8" }).trim().split(" ").slice(0, 2).join(" ");
}

/** Inputs come in a file of 32-bit words: those of the ports in order, then each memory as a count and its limbs. */
function driver({ include, setUp, set, done, step, load, word, design }) {
  const ports = ["count_i", "stream_words_i", "output_words_i", "stall_seed_i"];
  return `${include}
#include <chrono>
#include <cstdint>
#include <cstdio>
static uint32_t word(FILE *file) { uint32_t w = 0; if (fread(&w, 4, 1, file) != 1) w = 0; return w; }
template <class T> static void read(FILE *file, T *target, size_t room) {
  uint32_t count = word(file);
  for (uint32_t i = 0; i < count; i++) { uint32_t w = word(file); if (i < room) target[i] = w; }
}
template <class M> static void loadMemory(FILE *file, M &memory) {
  uint32_t count = word(file);
  constexpr size_t limbs = (sizeof(memory[0]) + 3) / 4;
  for (uint32_t i = 0; i < count; i++) {
    uint32_t w = word(file);
    if constexpr (limbs == 1) memory[i] = w;
    else reinterpret_cast<uint32_t *>(&memory[i / limbs])[i % limbs] = w;
  }
}
int main(int argc, char **argv) {
  ${setUp}
  FILE *file = fopen(argv[1], "rb");
  uint32_t count = 0, words = 0;
${ports.map((name, i) => `  { uint32_t w = word(file); ${set(name, "w")} ${i === 0 ? "count = w;" : i === 2 ? "words = w;" : ""} }`).join("\n")}
${design.memories.map(({ path }) => `  ${load(path)}`).join("\n")}
  ${set("rst_i", "1u")}
  for (int i = 0; i < ${RESET_CYCLES}; i++) { ${set("clk", "1u")} ${step} ${set("clk", "0u")} ${step} }
  ${set("rst_i", "0u")} ${step}
  uint64_t cycles = 0;
  auto started = std::chrono::steady_clock::now();
  while (!${done}) { ${set("clk", "1u")} ${step} ${set("clk", "0u")} ${step} cycles++; }
  double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  printf("{\\"cycles\\":%llu,\\"seconds\\":%.9f,\\"words\\":[", (unsigned long long)cycles, seconds);
  for (uint32_t i = 0; i < count * words; i++) printf("%s%u", i ? "," : "", (unsigned)(uint16_t)${word("u_outputs.mem")});
  printf("]}\\n");
}
`;
}

function runner(folder, program, design, { load, request }) {
  return {
    folder,
    async run(count) {
      const { stream, inputs } = request(count);
      const loads = new Map([...load, { path: "u_inputs.mem", words: stream }].map(({ path, words }) => [path, words]));
      const memories = design.memories.flatMap(({ path, width }) => {
        const words = loads.get(path) ?? new Uint32Array(0);
        if (words.length % limbs32(width) !== 0) throw new Error(`${path}: expected whole words, got ${words.length}`);
        return [words.length, ...words];
      });
      const numbers = [inputs.count_i, inputs.stream_words_i, inputs.output_words_i, inputs.stall_seed_i, ...memories];
      writeFileSync(join(folder, "input.bin"), new Uint8Array(Uint32Array.from(numbers).buffer));
      return JSON.parse(execFileSync(program, ["input.bin"], { cwd: folder, encoding: "utf8", maxBuffer: 2 ** 28 }));
    },
  };
}
