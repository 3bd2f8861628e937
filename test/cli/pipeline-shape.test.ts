import { describe, expect, it } from "vitest";
import { shapeOf } from "../../src/cli/pipeline-shape.ts";
import { OptionError } from "../../src/errors.ts";
import { DEFAULT_SHAPE } from "../../src/rtl/pipeline/parameters.ts";
import { pipelineProgram } from "../../src/rtl/pipeline/program.ts";
import { sampleProgram } from "../../src/synth/sample.ts";
import { errorOf } from "../caught.ts";

const program = sampleProgram({
  LOG2_K_MAX: 6,
  LANES: 2,
  ACTIVATION_WIDTH: 10,
  SPECTRUM_WIDTH: 8,
  WEIGHT_WIDTH: 8,
  BIAS_WIDTH: 8,
  TABLE_WIDTH: 1,
  LAYER_WIDTH: 4,
  WEIGHT_BITS: 16,
});

describe("the shape of a streaming engine", () => {
  it.each(["2", "4", "8"])("has streams of a row of words unless others are asked for, %s paths", (paths) => {
    const shape = shapeOf({ paths, blocks: 2 });
    expect(2 ** shape.LOG2_STREAM).toBe(2 * Number(paths));
    expect(pipelineProgram(program, { shape }).parameters.LOG2_STREAM).toBe(shape.LOG2_STREAM);
    expect(shapeOf({ paths, blocks: 2, stream: "1" }).LOG2_STREAM).toBe(0);
  });

  it("is the default one for the default options", () => {
    expect(shapeOf({ paths: "4", blocks: 16 })).toEqual(DEFAULT_SHAPE);
  });

  it("with a beat wider than a row is refused", () => {
    const shape = shapeOf({ paths: "2", blocks: 2, stream: "8" });
    const error = errorOf(() => pipelineProgram(program, { shape }));
    expect(error).toBeInstanceOf(OptionError);
    expect(error.message).toBe("stream: expected at most 4 words of a beat, twice the paths, got 8");
  });
});
