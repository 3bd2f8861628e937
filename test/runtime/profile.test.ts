import { afterEach, describe, expect, it, vi } from "vitest";
import { InputError, OptionError, type Profile, RuntimeError, Session, ShapeError } from "../../src/index.ts";
import { tensorTypes } from "../../src/model/program.ts";
import { volume } from "../../src/model/shape.ts";
import { errorOf } from "../caught.ts";
import { createRandom, randomWords } from "../contract/random.ts";
import { randomModel, randomNetwork } from "./models.ts";

const SEED = 4071;
const BACKENDS = ["wasm", "reference"] as const;
const KINDS = [
  ["dense layers, some of which pass their words in tiles", randomModel],
  ["operations of every kind in shared memory", randomNetwork],
] as const;

afterEach(() => vi.restoreAllMocks());

function expectWhole({ operations, microseconds, operationMicroseconds, missedMicroseconds }: Profile) {
  const sum = (of: (operation: Profile["operations"][number]) => number) =>
    operations.reduce((total, operation) => total + of(operation), 0);
  expect(sum(({ share }) => share)).toBeCloseTo(1, 9);
  expect(sum((operation) => operation.microseconds)).toBeCloseTo(operationMicroseconds, 9);
  expect(missedMicroseconds).toBe(microseconds - operationMicroseconds);
  expect(Math.min(microseconds, ...operations.map((operation) => operation.microseconds))).toBeGreaterThan(0);
}

describe.each(BACKENDS)("a profile by %s", (backend) => {
  it.each(KINDS)(`of %s leaves the session's words as they were (seed ${SEED})`, (_, randomOne) => {
    const random = createRandom(SEED);
    for (let round = 0; round < 4; round++) {
      const model = randomOne(random);
      using session = Session.fromModel(model, { backend });
      const [profiled, other] = [0, 1].map(() => randomWords(volume(model.input.shape), "mixed", random));
      const [expected, expectedOther] = [profiled, other].map((input) => session.runSync({ input }).words.data);
      const profile = session.profile({ input: profiled }, { runs: 2 });
      expect(session.outputView).toEqual(expected);
      expect(session.runSync({ input: other }).words.data).toEqual(expectedOther);
      expect(session.trace({ input: profiled }).at(-1)?.outputs).toEqual(expected);
      expect(profile).toMatchObject({ backend, runs: 2 });
      expect(profile.operations.map(({ name, op }) => [name, op])).toEqual(
        model.operations.map(({ name, op }) => [name, op]),
      );
      expect(profile.operations.map(({ shape }) => shape)).toEqual(
        tensorTypes(model)
          .slice(1)
          .map(({ shape }) => shape),
      );
      expectWhole(profile);
    }
  });

  it("takes the medians of rounds on a clock of coarse steps", () => {
    const model = randomModel(createRandom(SEED + 1));
    using session = Session.fromModel(model, { backend });
    const now = performance.now.bind(performance);
    vi.spyOn(performance, "now").mockImplementation(() => Math.floor(2 * now()) / 2);
    const profile = session.profile({ input: new Int16Array(volume(model.input.shape)) }, { runs: 2 });
    expect(profile.clockMicroseconds).toBeGreaterThanOrEqual(500);
    expectWhole(profile);
  });

  it("says that the clock stands still", () => {
    const model = randomModel(createRandom(SEED + 2));
    using session = Session.fromModel(model, { backend });
    const { now } = performance;
    performance.now = () => 1764000000000;
    try {
      const error = errorOf(() => session.profile({ input: new Int16Array(volume(model.input.shape)) }));
      expect(error).toBeInstanceOf(RuntimeError);
      expect(error.fields).toEqual({ problem: "FROZEN_CLOCK" });
      expect(error.message).toMatch(/^clock: expected .*, got one that stands still, .*; profile .* in Node/);
    } finally {
      performance.now = now;
    }
  });

  it("refuses other rounds, inputs and released sessions", () => {
    const model = randomModel(createRandom(SEED + 3));
    const session = Session.fromModel(model, { backend });
    const words = volume(model.input.shape);
    const input = new Int16Array(words);
    for (const runs of [0, -1, 1.5, 10_001, Number.NaN, "3" as unknown as number]) {
      const error = errorOf(() => session.profile({ input }, { runs }));
      expect(error).toBeInstanceOf(OptionError);
      expect(error.message).toBe(`runs: expected 1 to 10000, got ${runs}`);
    }
    expect(errorOf(() => session.profile({ input: new Int16Array(2 * words) }))).toBeInstanceOf(ShapeError);
    expect(errorOf(() => session.profile({ input: new Float32Array(words).fill(Number.NaN) }))).toBeInstanceOf(
      InputError,
    );
    session.release();
    expect(errorOf(() => session.profile({ input }))).toBeInstanceOf(RuntimeError);
  });
});

describe("the counts of a profile", () => {
  const profileOf = (randomOne: typeof randomModel, seed: number, backend: (typeof BACKENDS)[number]) => {
    const model = randomOne(createRandom(seed));
    using session = Session.fromModel(model, { backend });
    return { model, session, ...session.profile({ input: new Int16Array(volume(model.input.shape)) }, { runs: 1 }) };
  };

  it("have the bytes of the model, and those of the kernels by wasm alone", () => {
    for (const [, randomOne] of KINDS) {
      const { model, operations } = profileOf(randomOne, SEED + 4, "wasm");
      const reference = profileOf(randomOne, SEED + 4, "reference").operations;
      using session = Session.fromModel(model);
      const constants = operations.reduce((sum, { constantBytes }) => sum + constantBytes, 0);
      expect(constants).toBeLessThanOrEqual(session.memory.constants);
      for (const [i, operation] of model.operations.entries()) {
        const own = "weights" in operation ? operation.weights.byteLength + operation.bias.byteLength : 0;
        const table =
          "activation" in operation && operation.activation.kind === "table" ? operation.activation.table : [];
        expect(operations[i].weightBytes).toBe(own + 2 * table.length);
        if (own > 0) expect(operations[i].constantBytes).toBeGreaterThanOrEqual(own / 2);
        expect(reference[i]).toMatchObject({ weightBytes: operations[i].weightBytes, constantBytes: 0 });
      }
    }
  });

  it("give the rate of the dense form", () => {
    for (const { denseOperations, microseconds, denseGops } of profileOf(randomNetwork, SEED + 5, "wasm").operations) {
      expect(denseGops * microseconds * 1000).toBeCloseTo(denseOperations, 3);
    }
  });
});
