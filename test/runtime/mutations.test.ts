import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { CirculantError, Session } from "../../src/index.ts";
import { readModel } from "../../src/model/read.ts";
import { writeModel } from "../../src/model/write.ts";
import { createRandom, type Random, randomWords } from "../contract/random.ts";
import { FILE } from "../model/hostile.ts";
import { randomModel } from "../model/random-model.ts";
import { mutate } from "./mutate.ts";

const SEED = 20261125;
const FILES = 10_000;
const CODES = ["MODEL_FILE", "OVERFLOW", "OPTION"];
const LIMITS = { operations: 64, tensorWords: 2 ** 16, work: 2 ** 24, memoryBytes: 2 ** 24 };

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

/** Bytes that are held after collections; what has a finaliser is freed between them. */
async function heldBytes(): Promise<number> {
  for (let i = 0; i < 4; i++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** The code of the error with which the loader refuses a file, or "read" if it is a valid one and its two backends agree. */
function load(file: Uint8Array, random: Random): string {
  try {
    using session = Session.createSync(file, { limits: LIMITS });
    using reference = Session.createSync(file, { limits: LIMITS, backend: "reference" });
    const input = randomWords(session.inputView.length, "edges", random);
    expect(session.runSync({ input }).words.data).toEqual(reference.runSync({ input }).words.data);
    const { memoryBytes: _, ...limits } = LIMITS;
    expect(Buffer.compare(writeModel(readModel(file, limits)), file)).toBe(0);
    return "read";
  } catch (error) {
    if (error instanceof CirculantError) return error.code;
    throw error;
  }
}

it(`10,000 mutated model files are refused with a typed error or are valid, and nothing grows (seed ${SEED})`, async () => {
  const random = createRandom(SEED);
  const shipped = new Uint8Array(readFileSync(new URL("../../models/mnist-cnn.safetensors", import.meta.url)));
  const originals = [FILE, ...Array.from({ length: 20 }, (_, i) => writeModel(randomModel(i + 1))), shipped];
  const ends = new Map<string, number>();
  let before = 0;
  for (let i = 0; i < FILES; i++) {
    const original = i % 50 === 0 ? shipped : originals[random(originals.length - 1)];
    const end = load(mutate(original, random), random);
    ends.set(end, (ends.get(end) ?? 0) + 1);
    if (i === FILES / 5) before = await heldBytes();
  }
  const grown = (await heldBytes()) - before;
  console.info(Object.fromEntries(ends), `grown by ${grown} bytes`);
  expect([...ends.keys()].filter((code) => code !== "read" && !CODES.includes(code))).toEqual([]);
  for (const end of ["read", "MODEL_FILE", "OVERFLOW"]) expect(ends.get(end), end).toBeGreaterThan(20);
  expect(grown).toBeLessThan(4e6);
}, 600_000);
