import { describe, expect, it } from "vitest";
import { ModelFileError } from "../../src/errors.ts";
import { readModel } from "../../src/model/read.ts";
import { writeModel } from "../../src/model/write.ts";
import { type Case, refusal, withOperation, withProgram, withProgramText, withWords } from "./hostile.ts";
import { modelBuilder } from "./random-model.ts";

const set = withOperation;

const INPUT: readonly Case[] = [
  ["no input", () => withProgram((p) => delete p.input), /program\.input: expected an object, got nothing/],
  ["an input without sides", () => withProgram((p) => (p.input.shape = [])), /input\.shape: expected 3 positive integ/],
  ["an input of two sides", () => withProgram((p) => (p.input.shape = [6, 5])), /input\.shape: expected 3 positive/],
  ["an input with a side of 0", () => withProgram((p) => (p.input.shape = [6, 0, 3])), /input\.shape: expected 3/],
  [
    "an input of huge sides",
    () => withProgram((p) => (p.input.shape = [2 ** 30, 2 ** 30, 2 ** 30])),
    /input\.shape: expected tensors of at most 1048576 words, the caller's limit/,
  ],
  [
    "a mean of 1e999",
    () => withProgramText((t) => t.replace("0.1307", "1e999")),
    /input\.mean: expected a finite number, got Infinity/,
  ],
  ["a mean that is null", () => withProgram((p) => (p.input.mean = null)), /input\.mean: expected a finite number/],
  [
    "a deviation of 0",
    () => withProgram((p) => (p.input.deviation = 0)),
    /input\.deviation: expected a finite .* above 0/,
  ],
  ["a label too few", () => withProgram((p) => p.labels.pop()), /labels: expected none or 3, the outputs, got 2/],
  ["a label that is a number", () => withProgram((p) => (p.labels[1] = 1)), /labels: expected a list of strings/],
  ["a label with an escape code", () => withProgram((p) => (p.labels[1] = "\u001b[2J")), /labels: expected a list of/],
  ["a label of half a character", () => withProgram((p) => (p.labels[1] = "\ud800")), /labels: expected a list of str/],
];

const OPERATIONS: readonly Case[] = [
  ["no operations", () => withProgram((p) => (p.operations = [])), /program\.operations: expected a list of 1 to/],
  ["null for an operation", () => withProgram((p) => (p.operations[0] = null)), /program\.operations: expected a list/],
  [
    "operations as an object",
    () => withProgram((p) => (p.operations = { length: 2 })),
    /program\.operations: expected a/,
  ],
  [
    "more operations than the limit",
    () => withProgram((p) => (p.operations = Array.from({ length: 257 }, () => p.operations[6]))),
    /program\.operations: expected at most 256, the caller's limit, got 257/,
  ],
  [
    "the layers of version 1",
    () => withProgram((p) => (p.layers = p.operations)),
    /program: expected only the fields input, operations, memory, labels, got "layers"/,
  ],
  [
    "an unknown op",
    () => set("conv1", { op: "conv" }),
    /operations\[0\]\.op: expected "dense", "conv2d".*, got "conv"/,
  ],
  ["no op", () => set("conv1", { op: undefined }), /operations\[0\]\.op: expected .* got nothing/],
  ["an op that objects inherit", () => set("conv1", { op: "constructor" }), /operations\[0\]\.op: expected/],
  [
    "a __proto__ in an operation",
    () => withProgramText((t) => t.replace('{"name"', '{"__proto__":{},"name"')),
    /operations\[0\]: expected only the fields .* got "__proto__"/,
  ],
  ["a name with a dot", () => set("conv1", { name: "a.b" }), /operations\[0\]\.name: expected a letter/],
  [
    "a name that objects inherit",
    () => set("conv1", { name: "__proto__" }),
    /operations\[0\]\.name: expected a letter/,
  ],
  ["one name twice", () => set("conv2", { name: "conv1" }), /operations\[4\]\.name: expected a name of its own/],
  [
    "a stride of a dense layer",
    () => set("dense1", { stride: 2 }),
    /operations\[7\]: expected only the .* got "stride"/,
  ],
  [
    "a block size of a depthwise",
    () => set("depthwise1", { k: 2 }),
    /operations\[1\]: expected only the fields .* "k"/,
  ],
  ["an activation of a pool", () => set("maxpool1", { activation: "relu" }), /operations\[3\]: .* got "activation"/],
  ["a format of a pool", () => set("avgpool1", { fractionBits: [8, 0, 8] }), /operations\[5\]: .* got "fractionBits"/],
  ["the shift of a sum", () => set("add1", { shift: 2 }), /operations\[2\]: expected only the fields .* got "shift"/],
  ["the shifts of a flatten", () => set("flatten1", { shifts: [0, 0] }), /operations\[6\]: .* got "shifts"/],
  ["a dense layer called flatten", () => set("dense1", { op: "flatten" }), /operations\[7\]: .* got "out"/],
  [
    "a flatten called a maximum",
    () => set("flatten1", { op: "maxpool" }),
    /operations\[6\]\.kernel: expected .* nothing/,
  ],
];

const GRAPH: readonly Case[] = [
  [
    "an operation that reads itself",
    () => set("depthwise1", { inputs: [2] }),
    /\[1\]\.inputs: expected tensors before it, 0 to 1, got 2/,
  ],
  ["an operation that reads a later one", () => set("add1", { inputs: [1, 9] }), /\[2\]\.inputs: .* 0 to 2, got 9/],
  ["a tensor that is not there", () => set("dense3", { inputs: [11] }), /operations\[9\]\.inputs: expected .* got 11/],
  ["a tensor far out", () => set("conv1", { inputs: [65536] }), /operations\[0\]\.inputs: expected .* got 65536/],
  ["a tensor of no number", () => set("conv1", { inputs: ["0"] }), /operations\[0\]\.inputs: expected 1 or 2 integers/],
  ["a tensor of -1", () => set("conv1", { inputs: [-1] }), /operations\[0\]\.inputs: expected 1 or 2 integers from 0/],
  ["a tensor of 1/2", () => set("depthwise1", { inputs: [0.5] }), /operations\[1\]\.inputs: expected 1 or 2 integers/],
  ["no inputs", () => set("conv1", { inputs: [] }), /operations\[0\]\.inputs: expected 1 or 2 integers/],
  ["three inputs", () => set("add1", { inputs: [1, 2, 1] }), /operations\[2\]\.inputs: expected 1 or 2 integers/],
  [
    "two inputs of a convolution",
    () => set("conv1", { inputs: [0, 0] }),
    /\[0\]\.inputs: expected one tensor, got \[0,0\]/,
  ],
  [
    "one input of a sum",
    () => set("add1", { inputs: [1] }),
    /operations\[2\]\.inputs: expected two tensors, got \[1\]/,
  ],
  [
    "a sum of two shapes",
    () => set("add1", { inputs: [0, 2] }),
    /operations\[2\]\.inputs: expected two tensors of one shape, as 6,5,3, got \[6,5,8\]/,
  ],
  [
    "a dense layer of a picture",
    () => set("dense1", { inputs: [6] }),
    /operations\[7\]: expected a vector, as of flatten, to read, got \[3,1,6\]/,
  ],
  ["a tensor beyond the limit", () => set("conv1", { out: 2 ** 16 }), /operations\[0\]: expected tensors of at most/],
];

const SIZES: readonly Case[] = [
  [
    "k that is no power of two",
    () => set("conv1", { k: 12 }),
    /operations\[0\]\.k: expected a power of two from 1 to 2048/,
  ],
  ["k of 0", () => set("dense1", { k: 0 }), /operations\[7\]\.k: expected a power of two/],
  ["k of 4096", () => set("dense1", { k: 4096 }), /operations\[7\]\.k: expected a power of two/],
  ["out of 0", () => set("dense1", { out: 0 }), /operations\[7\]\.out: expected a positive integer, got 0/],
  ["out of a fraction", () => set("dense1", { out: 1.5 }), /operations\[7\]\.out: expected a positive integer/],
  [
    "out of 1e999",
    () => withProgramText((t) => t.replace('"out":13', '"out":1e999')),
    /operations\[7\]\.out: expected a positive integer, got Infinity/,
  ],
  [
    "a window wider than the picture",
    () => set("conv2", { kernel: [1, 5] }),
    /\[4\]\.kernel: expected sides within 4 x 3/,
  ],
  [
    "a window higher than the picture",
    () => set("conv2", { kernel: [5, 3] }),
    /\[4\]\.kernel: expected sides within 4 x 3/,
  ],
  [
    "a window larger than picture and padding",
    () => set("maxpool1", { kernel: [9, 3], pad: 1 }),
    /\[3\]\.kernel: expected sides within 6 x 5, got \[9,3\]/,
  ],
  [
    "a convolution of 8 rows",
    () => set("conv1", { kernel: [8, 3] }),
    /\[0\]\.kernel: expected sides of at most 7, got/,
  ],
  [
    "a depthwise of 8 columns",
    () => set("depthwise1", { kernel: [3, 8] }),
    /\[1\]\.kernel: expected sides of at most 7/,
  ],
  ["a window of 0 rows", () => set("maxpool1", { kernel: [0, 2] }), /\[3\]\.kernel: expected 2 integers from 1 to 255/],
  ["a window of 256 rows", () => set("maxpool1", { kernel: [256, 2] }), /\[3\]\.kernel: expected 2 integers from 1 to/],
  ["a window of one side", () => set("maxpool1", { kernel: [2] }), /\[3\]\.kernel: expected 2 integers/],
  ["a stride of 0", () => set("conv1", { stride: 0 }), /\[0\]\.stride: expected an integer from 1 to 255, got 0/],
  ["a stride of 256", () => set("maxpool1", { stride: 256 }), /\[3\]\.stride: expected an integer from 1 to 255/],
  [
    "padding of a whole kernel",
    () => set("conv1", { pad: 3 }),
    /\[0\]\.pad: expected less than both sides of 3,3, got 3/,
  ],
  [
    "padding of a whole side",
    () => set("conv2", { pad: 1 }),
    /\[4\]\.pad: expected less than both sides of 1,3, got 1/,
  ],
  ["padding of -1", () => set("conv1", { pad: -1 }), /\[0\]\.pad: expected an integer from 0 to 254/],
  ["padding of a mean", () => set("avgpool1", { kernel: [2, 2], pad: 1 }), /\[5\]\.pad: expected 0 for a mean, got 1/],
  [
    "a mean of 1056 pixels",
    () =>
      withProgram((p) => {
        p.input.shape = [33, 32, 1];
        p.operations = [{ name: "mean", op: "avgpool", inputs: [0], kernel: [33, 32], stride: 1, pad: 0 }];
      }),
    /operations\[0\]\.kernel: expected at most 1024 pixels, got \[33,32\]/,
  ],
];

const FORMATS: readonly Case[] = [
  ["a schedule of other length", () => set("dense1", { forward: "01" }), /\[7\]\.forward: expected 3 digits for k = 8/],
  ["a schedule of other digits", () => set("conv1", { inverse: "02" }), /\[0\]\.inverse: expected a digit 0 or 1/],
  ["a shift of 32", () => set("conv1", { shift: 32 }), /\[0\]\.shift: expected an integer from 0 to 31, got 32/],
  ["a negative shift", () => set("depthwise1", { shift: -1 }), /\[1\]\.shift: expected/],
  [
    "an unknown activation",
    () => set("add1", { activation: "gelu" }),
    /\[2\]\.activation: expected "identity", "relu"/,
  ],
  [
    "bounds for a relu",
    () => set("conv1", { bounds: [0, 1] }),
    /\[0\]\.bounds: expected bounds for a clip and for noth/,
  ],
  [
    "bounds for a table",
    () => set("add1", { bounds: [0, 1] }),
    /\[2\]\.bounds: expected bounds for a clip and for noth/,
  ],
  ["a clip without bounds", () => set("dense1", { bounds: undefined }), /\[7\]\.bounds: expected bounds for a clip/],
  [
    "a sum's clip without bounds",
    () => set("add1", { activation: "clip" }),
    /\[2\]\.bounds: expected bounds for a clip/,
  ],
  ["bounds the wrong way", () => set("depthwise1", { bounds: [5, 4] }), /\[1\]\.bounds: expected \[lo, hi\]/],
  ["bounds beyond a word", () => set("dense1", { bounds: [-32769, 4] }), /\[7\]\.bounds: expected \[lo, hi\]/],
  ["fraction bits of 32", () => set("conv1", { fractionBits: [8, 32, 8] }), /\[0\]\.fractionBits: expected 3 integers/],
  [
    "output fraction bits that do not follow from a convolution",
    () => set("conv1", { fractionBits: [8, 10, 9] }),
    /\[0\]\.fractionBits: expected 8 for the output by schedules and shift, got 9/,
  ],
  [
    "output fraction bits that do not follow from a depthwise convolution",
    () => set("depthwise1", { fractionBits: [8, 8, 9] }),
    /\[1\]\.fractionBits: expected 8 for the output by schedules and shift, got 9/,
  ],
  [
    "input fraction bits that are not the tensor's",
    () => set("conv2", { fractionBits: [7, 11, 8] }),
    /\[4\]\.fractionBits: expected 6 for the input, as before it, got 7/,
  ],
  [
    "a shift of 16 for an operand",
    () => set("add1", { shifts: [16, 16] }),
    /\[2\]\.shifts: expected 2 integers from -15/,
  ],
  ["one shift of a sum", () => set("add1", { shifts: [2] }), /\[2\]\.shifts: expected 2 integers/],
  [
    "operands that meet in two formats",
    () => set("add1", { shifts: [2, 3] }),
    /\[2\]\.shifts: expected 6 fractional bits of both operands, got 5/,
  ],
  [
    "a sum of 32 fractional bits",
    () =>
      withProgram((p) => {
        p.input.fractionBits = 31;
        p.operations = [{ name: "sum", op: "add", inputs: [0, 0], shifts: [-1, -1], activation: "identity" }];
      }),
    /operations\[0\]\.shifts: expected a sum of -31 to 31 fractional bits, got 32/,
  ],
];

// biome-ignore lint/suspicious/noExplicitAny: the tests put anything anywhere
const memory = (change: (memory: any) => void) => withProgram((program) => change(program.memory));
const MEMORY: readonly Case[] = [
  ["no plan", () => withProgram((p) => delete p.memory), /program\.memory: expected an object, got nothing/],
  [
    "an unknown field of the plan",
    () => memory((m) => (m.size = 1)),
    /program\.memory: expected only the fields words, off/,
  ],
  ["a plan too small", () => memory((m) => (m.words -= 8)), /memory\.words: expected 720 by the offsets, got 712/],
  ["a plan too large", () => memory((m) => (m.words += 8)), /memory\.words: expected 720 by the offsets, got 728/],
  [
    "a plan of no number",
    () => memory((m) => (m.words = "720")),
    /memory\.words: expected a positive integer, got "720"/,
  ],
  [
    "an unaligned place",
    () => memory((m) => (m.offsets[5] = 100)),
    /memory\.offsets: expected a multiple of 8 for each/,
  ],
  ["a place of -8", () => memory((m) => (m.offsets[5] = -8)), /memory\.offsets: expected a multiple of 8/],
  ["a place too few", () => memory((m) => m.offsets.pop()), /memory\.offsets: expected 11 of them, got 10/],
  ["a place too many", () => memory((m) => m.offsets.push(0)), /memory\.offsets: expected 11 of them, got 12/],
  [
    "65538 places",
    () => memory((m) => (m.offsets = Array(65538).fill(0))),
    /memory\.offsets: expected a multiple of 8/,
  ],
  [
    "a flatten elsewhere",
    () => memory((m) => (m.offsets[7] = 96)),
    /memory\.offsets\[7\]: expected 0, where flatten finds it, got 96/,
  ],
  [
    "an operation that writes on what it reads",
    () => memory((m) => (m.offsets[1] = 240)),
    /memory\.offsets: expected room of their own for tensors of one time, got \[0,1\]/,
  ],
  [
    "a tensor that is overwritten before its last use",
    () => memory((m) => (m.offsets[2] = 8)),
    /memory\.offsets: expected room of their own for tensors of one time, got \[1,2\]/,
  ],
  [
    "one word shared",
    () => memory((m) => (m.offsets[4] = 712)),
    /memory\.offsets: expected room of their own for tensors of one time, got \[3,4\]/,
  ],
  [
    "a tensor far away",
    () => memory((m) => Object.assign(m, { words: 2 ** 20 + 8, offsets: m.offsets.with(10, 2 ** 20) })),
    /memory\.offsets: expected at most \d+ words, all side by side, got 1048584/,
  ],
];

const WEIGHTS: readonly Case[] = ["conv1", "depthwise1", "conv2", "dense1"].map((name) => [
  `a weight of -32768 in ${name}`,
  () => withWords(`${name}.weight`, -32768, [5]),
  new RegExp(`${name}\\.weight\\[5\\]: expected a word from -32767 to 32767, got -32768`),
]);

describe("a program under a fitting digest", () => {
  const cases = [...INPUT, ...OPERATIONS, ...GRAPH, ...SIZES, ...FORMATS, ...MEMORY, ...WEIGHTS];

  it.each(cases)("is refused with %s", (_, make, message) => {
    const error = refusal(make());
    expect(error).toBeInstanceOf(ModelFileError);
    expect(error.message).toMatch(message);
    expect(error.fields.field).toBeTypeOf("string");
  });

  it("may have any plan without overlap", () => {
    const offsets = [0, 96, 336, 576, 816, 912, 936, 936, 960, 976, 984];
    const model = readModel(memory((m) => Object.assign(m, { words: 992, offsets })));
    expect(model.memory).toEqual({ words: 992, offsets });
  });

  it("may have a mean of 1024 pixels and a sum of 31 fractional bits", () => {
    const builder = modelBuilder({ shape: [32, 32, 2], fractionBits: 31, mean: 0, deviation: 1 });
    builder.push(
      "mean",
      { op: "avgpool", channels: 2, height: 32, width: 32, kernel: [32, 32], stride: 1, pad: 0 },
      [0],
    );
    builder.push("sum", { op: "add", words: 2, shifts: [0, 0], activation: { kind: "identity" } }, [1, 1]);
    expect(readModel(writeModel(builder.build()))).toEqual(builder.build());
  });
});
