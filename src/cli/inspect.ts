import type { Command } from "commander";
import { formatSchedule } from "../fft/schedule.ts";
import { blockGrid } from "../layers/dense.ts";
import { type Model, type ModelOperation, NUMERICS_VERSION, type Shape } from "../model/model.ts";
import { packedBytes } from "../model/narrow.ts";
import { tensorTypes } from "../model/program.ts";
import { tensorsOf } from "../model/tensors.ts";
import { Session } from "../runtime/session.ts";
import { loadModel } from "./files.ts";
import { denseWeights, sizeOf, weightBytes } from "./size.ts";
import { formatTable } from "./table.ts";

/** Adds `circulant inspect`. */
export function addInspect(program: Command): void {
  program
    .command("inspect")
    .description("show the operations of a model file, their formats, memory, and size against dense float32")
    .argument("<model>", "model file")
    .option("--json", "print as JSON")
    .action(runInspect);
}

function runInspect(file: string, options: { readonly json?: boolean }): void {
  const { model, bytes } = loadModel(file);
  const inspection = inspect(model, bytes.length);
  process.stdout.write(
    options.json ? `${JSON.stringify({ file, ...inspection }, null, 1)}\n` : format(file, inspection),
  );
}

/** Sizes in bytes; the dense ones are those of the same network with a weight for every input and output of a tap. */
function inspect(model: Model, fileBytes: number) {
  const shapes = tensorTypes(model).map(({ shape }) => shape);
  const operations = model.operations.map((operation, i) => inspectOperation(operation, shapes[i + 1]));
  const tensorBytes = operations.reduce((total, operation) => total + operation.tensorBytes, 0);
  using session = Session.fromModel(model);
  return {
    numerics: NUMERICS_VERSION,
    input: model.input,
    labels: model.labels,
    operations,
    /** The arena of the tensors, as the file has it, and all that a session takes besides. */
    memory: { plannedTensors: 2 * model.memory.words, ...session.memory },
    headerBytes: fileBytes - tensorBytes,
    ...sizeOf(model, fileBytes),
  };
}

function inspectOperation(operation: ModelOperation, shape: Shape) {
  const { name, op, inputs, format } = operation;
  const tensorBytes = tensorsOf(operation).reduce(
    (bytes, { words, bits }) => bytes + packedBytes(words.length, bits),
    0,
  );
  return {
    name,
    op,
    inputs,
    output: shape,
    format,
    ...detailsOf(operation),
    ...activationOf(operation),
    weightBytes: weightBytes(operation),
    tensorBytes,
    denseWeightBytes: 4 * denseWeights(operation),
  };
}

interface Details {
  readonly k?: number;
  readonly p?: number;
  readonly q?: number;
  readonly kernel?: readonly number[];
  readonly stride?: number;
  readonly pad?: number;
  readonly forward?: string;
  readonly inverse?: string;
  readonly shift?: number;
  readonly shifts?: readonly number[];
}

function detailsOf(operation: ModelOperation): Details {
  const window = "kernel" in operation ? windowOf(operation) : {};
  if ("k" in operation) {
    const { k, shift } = operation;
    const stages = Math.log2(k);
    const [forward, inverse] = [formatSchedule(operation.forward, stages), formatSchedule(operation.inverse, stages)];
    return { ...window, k, ...blockGrid(operation), forward, shift, inverse };
  }
  if (operation.op === "depthwise") return { ...window, shift: operation.shift };
  return operation.op === "add" ? { shifts: operation.shifts } : window;
}

function windowOf({ kernel, stride, pad }: Required<Pick<Details, "kernel" | "stride" | "pad">>): Details {
  return { kernel, stride, pad };
}

function activationOf(operation: ModelOperation): { activation?: string; bounds?: readonly number[] } {
  if (!("activation" in operation)) return {};
  const { activation } = operation;
  const bounds = activation.kind === "clip" ? { bounds: [activation.lo, activation.hi] } : {};
  return { activation: activation.kind, ...bounds };
}

function format(file: string, inspection: ReturnType<typeof inspect>): string {
  const { input, operations, memory, fileBytes, weightBytes, denseWeightBytes: dense } = inspection;
  const head = ["", "operation", "reads", "window", "output", "grid", "fraction bits", "stages, shift", "activation"];
  const rows = operations.map((operation, i) => [
    i + 1,
    operation.name,
    operation.inputs.join(" "),
    operation.kernel ? `${operation.kernel.join("x")} / ${operation.stride}, pad ${operation.pad}` : "",
    operation.output.join(" x "),
    operation.k === undefined ? "" : `${operation.p} x ${operation.q} of ${operation.k}`,
    `${operation.format.input} ${operation.format.weight} ${operation.format.output}`,
    [operation.forward, operation.shift ?? operation.shifts?.join(" "), operation.inverse].join(" ").trim(),
    operation.activation ?? "",
    operation.weightBytes,
    operation.denseWeightBytes,
  ]);
  return [
    `${file}: numerics version ${inspection.numerics}, tensor 0 is the input, ${input.shape.join(" x ")}, ` +
      `pixel v = (v / 255 - ${input.mean}) / ${input.deviation}`,
    formatTable([...head, "weights", "dense"], rows),
    `memory: ${memory.tensors} bytes of tensors (planned ${memory.plannedTensors}), ${memory.working} working, ` +
      `${memory.constants} constants`,
    `dense float32 weights: ${dense} bytes`,
    `weights alone: ${weightBytes} bytes, ${ratio(dense, weightBytes)} smaller ` +
      `(${inspection.parameterCompression.toFixed(1)} times fewer)`,
    `whole file: ${fileBytes} bytes (header ${inspection.headerBytes}), ${ratio(dense, fileBytes)} smaller`,
    "",
  ].join("\n");
}

function ratio(large: number, small: number): string {
  return `${(large / small).toFixed(1)} times`;
}
