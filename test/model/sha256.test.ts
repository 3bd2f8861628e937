import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { sha256 } from "../../src/model/sha256.ts";
import { random } from "./random-model.ts";

const platform = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

it("sha256 equals the platform's for every length from 0 to 300", () => {
  const next = random(3);
  for (let length = 0; length <= 300; length++) {
    const bytes = Uint8Array.from({ length }, () => next());
    expect(sha256(bytes)).toBe(platform(bytes));
  }
});

it("sha256 does not depend on how the bytes are cut into parts", () => {
  const next = random(4);
  const bytes = Uint8Array.from({ length: 1000 }, () => next());
  for (let run = 0; run < 200; run++) {
    const cuts = [0, next() % 1001, next() % 1001, next() % 1001, 1000].sort((a, b) => a - b);
    const parts = cuts.slice(1).map((end, i) => bytes.subarray(cuts[i], end));
    expect(sha256(...parts)).toBe(platform(bytes));
  }
});

it("sha256 gives the value of FIPS 180-4 for abc", () => {
  expect(sha256(new TextEncoder().encode("abc"))).toBe(
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
});
