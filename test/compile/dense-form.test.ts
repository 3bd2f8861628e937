import { describe, expect, it } from "vitest";
import { compile } from "../../src/compile/compile.ts";
import { denseForm } from "../../src/compile/dense-form.ts";
import { transformBlocks } from "../../src/compile/transform.ts";
import { ShapeError } from "../../src/errors.ts";
import { forward } from "../../src/train/forward.ts";
import { exampleModel } from "../model/random-model.ts";
import { everyOperation, randomInputs, randomNetwork } from "./random-network.ts";

describe("the network without blocks of a model", () => {
  it.each([1, 2, 8, 16])("has blocks of %i whose spectra are the model's words", (k) => {
    const { model } = compile(randomNetwork(k, [20, 36, 16], k), randomInputs(1, 20, 20));
    const network = denseForm(model);
    for (const [i, operation] of network.operations.entries()) {
      const source = model.operations[i];
      if (operation.op !== "dense" || source.op !== "dense") throw new Error("expected dense layers");
      expect([operation.k, operation.p, operation.q]).toEqual([1, source.out, source.in]);
      const at = (row: number, column: number) => operation.weights[row * source.in + column];
      const firstColumn = Float64Array.from({ length: k }, (_, row) => at(row, 0));
      const spectrum = transformBlocks(firstColumn, k);
      const unit = 2 ** -source.format.weight;
      for (let n = 0; n < k; n++) expect(Math.abs(spectrum[n] - source.weights[n] * unit)).toBeLessThan(k * 1e-6);
      for (let row = 1; row < source.out; row++) {
        for (let column = 1; column < source.in; column++) {
          if (row % k === 0 || column % k === 0) continue;
          expect(at(row, column)).toBe(at(row - 1, column - 1));
        }
      }
      expect([...operation.bias]).toEqual([...source.bias].map((word) => word * 2 ** -source.format.output));
    }
  });

  it("has every operation, and answers as the network that was compiled", () => {
    const network = everyOperation(4);
    const inputs = randomInputs(2, 297, 12);
    const form = denseForm(compile(network, inputs).model);
    expect(form.operations.map(({ op, name }) => [op, name])).toEqual(
      network.operations.map(({ op, name }) => [op, name]),
    );
    for (const x of inputs) {
      const [expected, got] = [forward(network, x), forward(form, x)];
      const peak = Math.max(...expected.map(Math.abs));
      for (const [n, value] of expected.entries()) expect(Math.abs(got[n] - value)).toBeLessThan(peak / 500);
    }
  });

  it("is not that of activations that training does not have", () => {
    expect(() => denseForm(exampleModel(1))).toThrow(ShapeError);
  });
});
