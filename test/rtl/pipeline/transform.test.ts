import { describe, expect, it } from "vitest";
import { irfft, rfft } from "../../../src/fft/transform.ts";
import { forwardLatency, inverseLatency } from "../../../src/rtl/pipeline/latency.ts";
import { openTransforms } from "../../../src/rtl/pipeline/transforms.ts";
import { createRandom, EDGE_WORDS } from "../../contract/random.ts";
import { missingSimulator } from "../tools.ts";

const SEED = 20261125;

async function compare(
  inverse: boolean,
  log2Paths: number,
  log2KMax: number,
  simulator: "wasm" | "icarus" | "verilator",
) {
  const transforms = await openTransforms(inverse, { simulator, log2Paths, log2KMax });
  const random = createRandom(SEED + log2Paths);
  const reference = inverse ? irfft : rfft;
  const latencyOf = inverse ? inverseLatency : forwardLatency;
  for (let log2K = 0; log2K <= log2KMax; log2K++) {
    for (const stallSeed of simulator === "wasm" ? [0, 7 + log2K] : [7 + log2K]) {
      const k = 2 ** log2K;
      const blocks = simulator === "wasm" ? Math.min(24, 2 ** (13 + log2Paths - log2K)) : 3;
      const schedules = [random(2 ** log2K), random(2 ** log2K)] as const;
      const x = Int16Array.from({ length: blocks * k }, () =>
        random(4) === 0 ? EDGE_WORDS[random(EDGE_WORDS.length)] : random(65536) - 32768,
      );
      const { words, latency } = await transforms.run(x, log2K, schedules, stallSeed);
      const expected = Int16Array.from(x);
      for (let block = 0; block < blocks; block++) {
        expected.set(reference(x.subarray(block * k, (block + 1) * k), schedules[block & 1]), block * k);
      }
      expect(words).toEqual(expected);
      expect(latency).toBe(latencyOf(log2K, log2Paths));
    }
  }
  transforms.dispose();
}

describe.each([
  { log2Paths: 1, log2KMax: 7 },
  { log2Paths: 2, log2KMax: 11 },
  { log2Paths: 3, log2KMax: 9 },
  { log2Paths: 2, log2KMax: 4 },
])("streaming transforms of $log2Paths path bits, largest block 2^$log2KMax", ({ log2Paths, log2KMax }) => {
  it.each([false, true])(
    `make the words of the reference, blocks back to back and with pauses (inverse: %s, seed ${SEED})`,
    (inverse) => compare(inverse, log2Paths, log2KMax, "wasm"),
  );
});

describe.each(["icarus", "verilator"] as const)("on %s", (simulator) => {
  const reason = missingSimulator(simulator);
  it.skipIf(reason)(`streaming transforms make the same words ${reason ?? ""}`, async () => {
    await compare(false, 2, 7, simulator);
    await compare(true, 2, 7, simulator);
  });
});
