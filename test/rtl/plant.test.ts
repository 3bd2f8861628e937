import { afterAll, describe, expect, it } from "vitest";
import { FAULTS, plantFault } from "../../src/conform/plant.ts";
import { type Engine, openEngine } from "../../src/rtl/engine.ts";
import { memoryImages } from "../../src/rtl/images.ts";
import { smallestParameters } from "../../src/rtl/parameters.ts";
import { engineSources } from "../../src/rtl/sources.ts";
import { createRandom, randomConv2d, randomDense, randomWords } from "../contract/random.ts";
import { chain, programOf } from "./networks.ts";
import { firstTraceDifference, referenceTrace } from "./reference.ts";

const random = createRandom(20261124);
const activation = { kind: "identity" } as const;
const window = { height: 4, width: 4, kernel: [3, 3], stride: 1, pad: 1 } as const;
const scaled = { forward: 7, inverse: 1, shift: 8, activation };
const dense = { ...randomDense({ in: 32, out: 10, k: 8 }, "small", random), ...scaled };
const pool = { channels: 8, height: 4, width: 4, kernel: [2, 2], stride: 2, pad: 0 } as const;

/** A convolution, its residual, a mean and a classifier. */
const PROGRAM = programOf(
  [
    { op: "conv2d", ...randomConv2d({ in: 8, out: 8, k: 8 }, window, "small", random), ...scaled, inputs: [0] },
    { op: "add", words: 128, shifts: [2, 0], activation, inputs: [1, 0] },
    { op: "avgpool", ...pool, inputs: [2] },
    { op: "flatten", words: 32, inputs: [3] },
    { op: "dense", ...dense, inputs: [4] },
  ],
  128,
);
const PARAMETERS = smallestParameters(PROGRAM, 2);
const X = randomWords(128, "uniform", random);

const engines: Engine[] = [];
afterAll(() => {
  for (const engine of engines) engine.dispose();
});

async function differenceOf(fault?: (typeof FAULTS)[number]) {
  const parts = { images: memoryImages(PROGRAM, PARAMETERS), sources: engineSources() };
  const { images, sources } = fault ? plantFault(fault, parts.images, parts.sources) : parts;
  const engine = await openEngine(PROGRAM, { parameters: PARAMETERS, sources }, images);
  engines.push(engine);
  const { trace } = await engine.run(X, { trace: true });
  return firstTraceDifference(trace ?? [], referenceTrace(PROGRAM, X));
}

describe("a planted fault", () => {
  it("is needed for a difference", async () => {
    expect(await differenceOf()).toBeUndefined();
  });

  const places = {
    weight: { step: 0, tensor: "accumulators" },
    twiddle: { step: 0, tensor: "spectra" },
    schedule: { step: 0, tensor: "spectra" },
    bias: { step: 4, tensor: "outputs", index: 9 },
    rounding: { step: 0, tensor: "spectra" },
    tap: { step: 0, tensor: "accumulators" },
    mean: { step: 2, tensor: "outputs" },
    residual: { step: 1, tensor: "outputs" },
  };
  it.each(FAULTS)("in the %s is seen where it is", async (fault) => {
    expect(await differenceOf(fault)).toMatchObject(places[fault]);
  });

  it("is refused for a network that has nothing of its kind", () => {
    const program = chain({ op: "flatten", words: 8 });
    const images = memoryImages(program, smallestParameters(program, 1));
    expect(() => plantFault("residual", images, [])).toThrow("residual: expected");
  });
});
