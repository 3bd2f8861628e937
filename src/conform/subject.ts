import { OptionError, ShapeError } from "../errors.ts";
import { blockGrid } from "../layers/dense.ts";
import { windowGrid } from "../layers/window.ts";
import type { Shape } from "../model/model.ts";
import { wordsOf } from "../rtl/program.ts";
import { type Datapath, SPECIFIED } from "./datapath/choices.ts";
import { performUnder, type Step, type StepTrace } from "./datapath/operation.ts";
import type { TensorName } from "./trace.ts";

/** A step of a network and the numbers of the tensors that it reads; tensor 0 is the input. */
export interface GraphStep {
  readonly step: Step;
  readonly inputs: readonly number[];
}

/** What a dump is a dump of: one tensor of one step, for one or several vectors one after the other. */
export interface Subject {
  readonly steps: readonly GraphStep[];
  /** The input as a picture; bare steps have none. */
  readonly inputShape?: Shape;
  readonly vectors: readonly Int16Array[];
  readonly operation: number;
  readonly tensor: TensorName;
  /** The stage of a transform after which the words were dumped; the last if not given. */
  readonly stage?: number;
}

/** Which operations make other choices than docs/arithmetic.md: the one that is looked at, or it and all before it. */
export type Scope = "operation" | "network";

/** How the words of a tensor stand. */
export interface TensorLayout {
  /** Words for one vector. */
  readonly words: number;
  /** Bits of a word. */
  readonly bits: 16 | 32;
  /** Words of a block, 1 if it has none. */
  readonly k: number;
  /** Whether blocks are halfcomplex spectra. */
  readonly isSpectrum: boolean;
  /** Sides of a tensor in NHWC order. */
  readonly picture?: Shape;
  /** Words of a row of blocks and how many of them are used, where the last block may reach past the row. */
  readonly row?: { readonly padded: number; readonly used: number };
}

/** The layout of the tensor. @throws OptionError if the step makes no such tensor */
export function layoutOf({ steps, operation, tensor, stage }: Subject): TensorLayout {
  const { step } = steps[operation];
  const words = wordsOf(step).output;
  const isSpectrum = tensor === "spectra" || tensor === "accumulators" || tensor === "products";
  const bits = tensor === "accumulators" ? 32 : 16;
  if ("schedule" in step) {
    const made = step.op === "rfft" ? "spectra" : "transforms";
    if (tensor !== made && tensor !== "outputs") throw missing(operation, step.op, tensor, `${made} or outputs`);
    return { words, bits, k: step.k, isSpectrum: step.op === "rfft" };
  }
  if (tensor === "outputs") {
    const picture = outputShape(step);
    const row = "k" in step && step.k > 1 ? { padded: blockGrid(step).p * step.k, used: step.out } : undefined;
    const k = "k" in step ? step.k : 1;
    return { words, bits, k, isSpectrum: false, ...(picture ? { picture } : {}), ...(row ? { row } : {}) };
  }
  if ("k" in step) {
    const { p, q } = blockGrid(step);
    const isInput = tensor === "spectra";
    const rows = isInput ? wordsOf(step).input / step.in : words / step.out;
    const row = { padded: (isInput ? q : p) * step.k, used: isInput ? step.in : step.out };
    const isStage = tensor === "spectra" && stage !== undefined && stage < Math.log2(step.k);
    return { words: rows * row.padded, bits, k: step.k, isSpectrum: isSpectrum && !isStage, row };
  }
  if (step.op === "depthwise" && (tensor === "accumulators" || tensor === "products")) {
    return { words, bits, k: 1, isSpectrum: false, picture: outputShape(step) };
  }
  throw missing(operation, step.op, tensor, step.op === "depthwise" ? "accumulators, products or outputs" : "outputs");
}

function missing(operation: number, op: string, tensor: string, expected: string): OptionError {
  return new OptionError(`--tensor: expected ${expected} of operation ${operation} (${op}), got ${tensor}`, {
    option: "tensor",
  });
}

function outputShape(step: Exclude<Step, { readonly schedule: number }>): Shape | undefined {
  if (!("kernel" in step)) return undefined;
  const { rows, columns } = windowGrid(step);
  return [rows, columns, step.op === "conv2d" ? step.out : step.channels];
}

/** Makes the tensor of a subject under the choices of a datapath; what does not depend on them is made once. */
export interface TensorMaker {
  /** The words of all vectors, one after the other. */
  make(datapath: Datapath, scope: Scope): Float64Array;
}

/** @throws ShapeError if a vector has another length than the network reads */
export function tensorMaker(subject: Subject): TensorMaker {
  const { steps, vectors, operation } = subject;
  const length = wordsOf(steps[0].step).input;
  const wrong = steps[0].step.op === "add" ? undefined : vectors.find((x) => x.length !== length);
  if (wrong) throw new ShapeError(`input: expected ${length} words a vector, got ${wrong.length}`);
  const references = vectors.map((x) => tensorsBefore(subject, SPECIFIED, x));
  return {
    make(datapath, scope) {
      const parts = vectors.map((x, i) => {
        const tensors = scope === "operation" ? references[i] : tensorsBefore(subject, datapath, x);
        const { step, inputs } = steps[operation];
        const operands = inputs.map((input) => tensors[input]);
        const trace = performUnder(datapath, step, operands, subject.stage !== undefined);
        return tensorOf(subject, trace);
      });
      const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
      let at = 0;
      for (const part of parts) {
        all.set(part, at);
        at += part.length;
      }
      return all;
    },
  };
}

/** Every tensor before the step that is looked at. */
function tensorsBefore(subject: Subject, datapath: Datapath, x: Int16Array): Int16Array[] {
  const tensors = [datapath.input === "channels first" ? channelsFirst(x, subject.inputShape) : x];
  for (const { step, inputs } of subject.steps.slice(0, subject.operation)) {
    const operands = inputs.map((input) => tensors[input]);
    tensors.push(performUnder(datapath, step, operands).outputs);
  }
  return tensors;
}

/** What a datapath takes for a picture in NHWC order if it reads channel after channel. */
function channelsFirst(x: Int16Array, shape: Shape = [1, 1, x.length]): Int16Array {
  const [height, width, channels] = shape;
  const pixels = height * width;
  return x.map((_, at) => x[(at % channels) * pixels + Math.floor(at / channels)]);
}

function tensorOf({ tensor, stage }: Subject, trace: StepTrace): Int16Array | Int32Array {
  const stages = tensor === "transforms" ? trace.inverseStages : trace.forwardStages;
  // The last inverse stage leaves bit-reversed words; what is dumped after it is the transform in natural order.
  const isLast = stage === undefined || (tensor === "transforms" && stage === 1);
  const words = isLast ? trace[tensor] : (stages.get(stage) ?? trace[tensor]);
  return words ?? new Int16Array();
}
