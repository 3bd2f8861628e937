import { describe, expect, it } from "vitest";
import { InputError, Session, ShapeError } from "../../src/index.ts";
import { volume } from "../../src/model/shape.ts";
import { createRandom, randomWords } from "../contract/random.ts";
import { identityModel, randomModel } from "./models.ts";

const SEED = 42;

/** Words that a session whose network is the identity reads from an input. */
function wordsOf(session: Session, input: Parameters<Session["runSync"]>[0]["input"]): Int16Array {
  return session.runSync({ input }).words.data;
}

describe("a session's input", () => {
  const format = { shape: [2, 2, 1], fractionBits: 8, mean: 0.1307, deviation: 0.3081 } as const;

  it("takes real values, rounded half up and saturated", () => {
    using session = Session.fromModel(identityModel(format));
    const inputs = Float32Array.of(1, -1, 0.001953125, -0.001953125);
    expect([...wordsOf(session, inputs)]).toEqual([256, -256, 1, 0]);
    const extremes = Float32Array.of(1e30, -1e30, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
    expect([...wordsOf(session, extremes)]).toEqual([32767, -32768, 32767, -32768]);
    expect([...wordsOf(session, Float32Array.of(127.996, 128, -128, -128.01))]).toEqual([32767, 32767, -32768, -32768]);
  });

  it.each([-31, -3, 0, 1, 8, 15, 31])("takes every kind of float32 as the reference does, 2^%i", (fractionBits) => {
    const random = createRandom(SEED + fractionBits);
    const shape = [1, 1, 41] as const;
    const model = identityModel({ ...format, shape, fractionBits });
    using session = Session.fromModel(model);
    using reference = Session.fromModel(model, { backend: "reference" });
    for (let round = 0; round < 200; round++) {
      const bits = Uint32Array.from({ length: 41 }, () => random(2 ** 32));
      const any = new Float32Array(bits.buffer).map((value) =>
        Number.isNaN(value) ? Number.POSITIVE_INFINITY : value,
      );
      const ties = Float32Array.from(
        bits,
        (value) => ((value >> 10) + 0.5 + (random(3) - 1) * 2 ** -24) / 2 ** fractionBits,
      );
      // halves, and the numbers beside them
      const near = Float32Array.from(bits, (value) => ((value % 400) - 200) / 2);
      const nearBits = new Int32Array(near.buffer);
      nearBits.forEach((_, i) => {
        if (near[i] !== 0) nearBits[i] += random(3) - 1;
      });
      const scaled = near.map((value) => value / 2 ** fractionBits);
      for (const input of [any, ties, scaled]) {
        const words = wordsOf(session, input);
        expect(words).toEqual(wordsOf(reference, input));
        const exact = Int16Array.from(input, (value) =>
          Math.min(Math.max(Math.floor(value * 2 ** fractionBits + 0.5), -32768), 32767),
        );
        expect(words).toEqual(exact);
      }
    }
  });

  it("takes each of the 256 pixels by the model's mean and deviation", () => {
    using session = Session.fromModel(identityModel(format));
    for (let v = 0; v < 256; v++) {
      const word = Math.floor(((v / 255 - 0.1307) / 0.3081) * 256 + 0.5);
      expect([...wordsOf(session, new Uint8Array(4).fill(v))]).toEqual([word, word, word, word]);
    }
    expect(wordsOf(session, Uint8ClampedArray.of(1, 2, 3, 4))).toEqual(wordsOf(session, Uint8Array.of(1, 2, 3, 4)));
  });

  it("takes words as they are", () => {
    using session = Session.fromModel(identityModel(format));
    const words = Int16Array.of(-32768, -1, 0, 32767);
    expect(wordsOf(session, words)).toEqual(words);
    expect(wordsOf(session, { type: "int16", data: words, dims: [2, 2, 1] })).toEqual(words);
  });

  it("refuses a NaN, and tells where it stands", () => {
    using session = Session.fromModel(identityModel(format));
    const input = Float32Array.of(0, 1, 2, 3, 4, Number.NaN, 6, 7);
    expect(() => session.runSync({ input })).toThrow(InputError);
    expect(() => session.runSync({ input })).toThrow("input[5]: expected a number, got NaN");
    using reference = Session.fromModel(identityModel(format), { backend: "reference" });
    expect(() => reference.runSync({ input })).toThrow("input[5]: expected a number, got NaN");
  });

  it("refuses other types and missing inputs", async () => {
    using session = Session.fromModel(identityModel(format));
    for (const input of [[1, 2, 3, 4], new Float64Array(4), "1234", null, new DataView(new ArrayBuffer(4))]) {
      expect(() => session.runSync({ input } as never), String(input)).toThrow(InputError);
    }
    for (const dims of ["221", null, 4]) {
      const input = { type: "uint8", data: new Uint8Array(4), dims };
      expect(() => session.runSync({ input } as never), String(dims)).toThrow("input dims: expected an array");
    }
    for (const feeds of [{}, undefined, { image: new Uint8Array(4) }]) {
      expect(() => session.runSync(feeds as never)).toThrow(InputError);
      await expect(session.run(feeds as never)).rejects.toThrow(InputError);
    }
  });

  it("refuses what is no whole item", () => {
    using session = Session.fromModel(identityModel(format));
    const refused = [
      new Uint8Array(0),
      new Uint8Array(3),
      new Uint8Array(9),
      { type: "uint8" as const, data: new Uint8Array(4), dims: [4] },
      { type: "uint8" as const, data: new Uint8Array(4), dims: [2, 2] },
      { type: "uint8" as const, data: new Uint8Array(4), dims: [2, 2, 2, 1] },
      { type: "uint8" as const, data: new Uint8Array(0), dims: [0, 2, 2, 1] },
      { type: "uint8" as const, data: new Uint8Array(6), dims: [1.5, 2, 2, 1] },
    ];
    for (const input of refused) expect(() => session.runSync({ input }), JSON.stringify(input)).toThrow(ShapeError);
    expect(() => session.runWords(new Int16Array(5), new Int16Array(4))).toThrow(ShapeError);
    expect(() => session.runWords(new Int16Array(4), new Int16Array(5))).toThrow(ShapeError);
  });

  it("may be a batch, with the results of single items", async () => {
    const random = createRandom(SEED);
    for (let round = 0; round < 20; round++) {
      const model = randomModel(random);
      using session = Session.fromModel(model);
      const [{ dims }] = session.outputs;
      const words = volume(model.input.shape);
      const data = randomWords(5 * words, "uniform", random);
      const flat = await session.run({ input: data });
      const shaped = session.runSync({ input: { type: "int16", data, dims: [5, ...model.input.shape] } });
      expect(shaped).toEqual(flat);
      expect(flat.output.dims).toEqual([5, ...dims]);
      for (let i = 0; i < 5; i++) {
        const single = session.runSync({ input: data.subarray(i * words, (i + 1) * words) });
        expect(single.output.dims).toEqual(dims);
        expect(single.words.data).toEqual(flat.words.data.subarray(i * dims[0], (i + 1) * dims[0]));
      }
    }
  });

  it("of one item may have the side of a batch", () => {
    using session = Session.fromModel(identityModel(format));
    const { output } = session.runSync({ input: { type: "uint8", data: new Uint8Array(4), dims: [1, 2, 2, 1] } });
    expect(output.dims).toEqual([1, 4]);
  });
});
