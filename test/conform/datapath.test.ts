import { describe, expect, it } from "vitest";
import { SPECIFIED } from "../../src/conform/datapath/choices.ts";
import { performUnder } from "../../src/conform/datapath/operation.ts";
import { tensorMaker } from "../../src/conform/subject.ts";
import { traceReference } from "../../src/conform/trace.ts";
import { irfft, rfft } from "../../src/fft/transform.ts";
import { volume } from "../../src/model/shape.ts";
import { createRandom, DRAWS, randomWords } from "../contract/random.ts";
import { exampleModel } from "../model/random-model.ts";
import { randomModel, randomNetwork } from "../runtime/models.ts";

const SEED = 20261125;

describe("a datapath with the choices of docs/arithmetic.md", () => {
  const random = createRandom(SEED);
  const models = [
    ...Array.from({ length: 15 }, () => randomNetwork(random)),
    ...Array.from({ length: 15 }, () => randomModel(random)),
    exampleModel(SEED),
  ];

  it(`makes every tensor of the reference, stage by stage (seed ${SEED})`, () => {
    let compared = 0;
    for (const { operations, input } of models) {
      const x = randomWords(volume(input.shape), DRAWS[random(4)], random);
      const steps = operations.map((step) => ({ step, inputs: step.inputs }));
      for (const { operation, tensor, stage, words } of traceReference(operations, x, true)) {
        const subject = { steps, vectors: [x], operation, tensor, ...(stage > 0 ? { stage } : {}) };
        const made = tensorMaker(subject);
        for (const scope of ["operation", "network"] as const) {
          expect([...made.make(SPECIFIED, scope)], `${operation} ${tensor} ${stage}`).toEqual([...words]);
          compared += words.length;
        }
      }
    }
    expect(compared).toBeGreaterThan(100_000);
  });

  it("makes the bare transforms of the reference", () => {
    for (let k = 1; k <= 256; k *= 2) {
      for (let round = 0; round < 12; round++) {
        const x = randomWords(k, DRAWS[round % 4], random);
        const schedule = random(k);
        const step = { k, blocks: 1, schedule };
        expect([...performUnder(SPECIFIED, { op: "rfft", ...step }, [x]).outputs]).toEqual([...rfft(x, schedule)]);
        expect([...performUnder(SPECIFIED, { op: "irfft", ...step }, [x]).outputs]).toEqual([...irfft(x, schedule)]);
      }
    }
  });
});
