// What runs natively: programs of kernels on images of memories, and how they are compared with WebAssembly.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pixelWords } from "../../dist/model/input.js";
import { readModel } from "../../dist/model/read.js";
import { graphOf } from "../../dist/runtime/graph.js";
import { STEP_WORDS } from "../../dist/runtime/program.js";
import { createWasmBackend } from "../../dist/runtime/wasm.js";
import { CASES, denseCase, MODELS } from "../cases.mjs";
import { startNative } from "./build.mjs";

const isTransform = ({ operation }) => /rfft/.test(operation);

/**
 * Transforms of each size, operations, and whole models. `backend` loads one with a module; `steps` says which of its
 * steps are looked at by themselves, `whole` whether all of them together are.
 */
export function subjects() {
  const transforms = [4, 5, 6, 7, 8, 9, 10].map((stages) => {
    const k = 1 << stages;
    const { make } = denseCase(8 * k, 8 * k, k);
    return subject(`k=${k}, of 8`, (module) => make(module).backend, isTransform, false);
  });
  const operations = CASES.filter(({ name }) => /^(dense|conv2d|depthwise|maxpool|avgpool|add)/.test(name));
  const models = MODELS.map(({ name, read }) => {
    const model = readModel(read());
    return subject(
      name,
      (module) => createWasmBackend(module, graphOf(model), pixelWords(model.input)),
      () => false,
    );
  });
  return [
    ...transforms,
    ...operations.map(({ name, make }) =>
      subject(
        name,
        (module) => make(module).backend,
        () => name.startsWith("dense"),
      ),
    ),
    ...models,
  ];
}

function subject(name, load, steps, whole = true) {
  const backend = (module) => {
    const loaded = load(module);
    fill(loaded.input);
    return loaded;
  };
  return { name, backend, steps, whole };
}

/** How often a step follows itself in the programs of `repeatSteps`: a call from JavaScript costs as much as a small one. */
export const REPEATS = 32;

/**
 * Writes a program for each step behind the rest of the memory, in which it stands `REPEATS` times.
 *
 * @returns the address of the program of step i
 */
export function repeatSteps({ kernels: { memory }, plan }) {
  const end = memory.buffer.byteLength;
  const at = (i, repeat) => end / 4 + (i * REPEATS + repeat) * STEP_WORDS;
  memory.grow(Math.ceil((4 * at(plan.steps.length, 0) - end) / 65536));
  const words = new Int32Array(memory.buffer);
  for (const i of plan.steps.keys()) {
    const from = plan.program.offset / 4 + i * STEP_WORDS;
    for (let repeat = 0; repeat < REPEATS; repeat++) words.copyWithin(at(i, repeat), from, from + STEP_WORDS);
  }
  return (i) => 4 * at(i, 0);
}

/** Words of a fixed sequence. */
function fill(words) {
  let state = 9;
  for (let i = 0; i < words.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    words[i] = ((state >>> 8) % 8001) - 4000;
  }
}

/** The native program on the memory of a backend that has not run; files go into `folder`. */
export function nativeOf({ program, folder }, { kernels }) {
  const image = join(folder, "image");
  writeFileSync(image, new Uint8Array(kernels.memory.buffer));
  return startNative(program, image);
}

/**
 * Runs the whole program on both sides.
 *
 * @returns the first byte of the memories that differs, or -1
 */
export async function findDifference({ folder }, child, backends) {
  const written = join(folder, "written");
  const [{ plan }] = backends;
  await child.ask(`time ${plan.program.offset} ${plan.steps.length} 1`);
  await child.ask(`write ${written}`);
  const actual = readFileSync(written);
  for (const { run, kernels } of backends) {
    run();
    const at = new Uint8Array(kernels.memory.buffer).findIndex((byte, i) => byte !== actual[i]);
    if (at >= 0) return at;
  }
  return -1;
}
