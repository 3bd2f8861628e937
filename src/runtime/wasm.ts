import { OptionError, RuntimeError, ShapeError } from "../errors.ts";
import { bitReverse, log2BlockSize } from "../fft/order.ts";
import type { Backend, SessionMemory } from "./backend.ts";
import { fedTensors, type Graph } from "./graph.ts";
import { instantiate, type Kernels } from "./kernels.ts";
import type { WeightRows } from "./layout.ts";
import { type Plan, planNetwork } from "./plan.ts";
import { STEP_WORDS, writeProgram } from "./program.ts";
import { LANES } from "./tiles.ts";
import { traceOperation } from "./trace.ts";

const PAGE_BYTES = 65536;

/** Outputs that are converted faster here than by a call of the kernels. */
const FEW_WORDS = 64;

/** The network run by the kernels, in an instance and a memory of its own. */
export interface WasmBackend extends Backend {
  readonly kernels: Kernels;
  readonly plan: Plan;
  /** Words of each tensor; those of tensors that share memory with later ones are gone after a run. */
  readonly tensors: readonly Int16Array[];
  /**
   * Takes the words of a graph that is this one but for its constants and its shifts.
   *
   * @throws ShapeError if it needs other memory
   */
  reload(graph: Graph): void;
}

/**
 * Loads a network into a fresh instance of the kernels. The memory grows once, here.
 *
 * @param pixelWords  the words of the 256 pixels
 * @param memoryBytes the most memory that it may take
 * @throws OptionError if the network needs more
 * @throws RuntimeError if the engine has no more
 */
export function createWasmBackend(
  module: WebAssembly.Module,
  graph: Graph,
  pixelWords: Int16Array = new Int16Array(256),
  memoryBytes = Number.POSITIVE_INFINITY,
): WasmBackend {
  const kernels = instantiate(module);
  const plan = planNetwork(graph, kernels.heap);
  if (plan.bytes > memoryBytes) {
    throw new OptionError(`memory: expected a network of at most ${memoryBytes} bytes, got ${plan.bytes}`, {
      option: "limits.memoryBytes",
      bytes: plan.bytes,
    });
  }
  grow(kernels.memory, plan.bytes);
  const { buffer } = kernels.memory;
  const { program, steps, raw, reals, pixelTable } = plan;
  const load = ({ constants, weightRows, steps }: Plan) => {
    for (const { region, words } of constants) {
      const View = words.BYTES_PER_ELEMENT === 2 ? Int16Array : Int32Array;
      new View(buffer, region.offset, words.length).set(words);
    }
    for (const rows of weightRows) packRows(kernels, rows, plan.weightRow);
    writeProgram(steps, new Int32Array(buffer, program.offset, program.bytes / 4));
  };
  load(plan);
  new Int16Array(buffer, pixelTable.offset, 256).set(pixelWords);
  const tensors = graph.words.map((words, tensor) => new Int16Array(buffer, plan.addresses[tensor], words));
  const input = tensors[fedTensors(graph) - 1];
  const pixelView = new Uint8Array(buffer, raw.offset, input.length);
  const parts = stepsOf(plan);
  const realView = new Float32Array(buffer, raw.offset, raw.bytes / 4);
  const output = tensors[tensors.length - 1];
  const outputReals = new Float32Array(buffer, reals.offset, output.length);
  return {
    name: "wasm",
    kernels,
    plan,
    tensors,
    input,
    output,
    memoryBytes: buffer.byteLength,
    memory: memoryOf(plan, kernels.heap),
    setPixels(pixels) {
      pixelView.set(pixels);
      kernels.wordsFromPixels(raw.offset, pixelTable.offset, input.byteOffset, pixels.length);
    },
    setReals(numbers, scale) {
      realView.set(numbers);
      return kernels.wordsFromReals(raw.offset, input.byteOffset, realView.length, scale) === 0;
    },
    takeReals(unit, to, at) {
      if (output.length < FEW_WORDS) {
        for (let i = 0; i < output.length; i++) to[at + i] = output[i] * unit;
        return;
      }
      kernels.realsFromWords(output.byteOffset, reals.offset, reals.bytes / 4, unit);
      to.set(outputReals, at);
    },
    reload(next) {
      const other = planNetwork(next, kernels.heap);
      const [expected, got] = [plan, other].map(({ regions }) => JSON.stringify(regions));
      if (got !== expected) throw new ShapeError("graph: expected one of the same shapes, got one of other memory");
      load(other);
    },
    run() {
      kernels.run(program.offset, steps.length);
    },
    runOperation(i) {
      const { first, count } = parts[i];
      kernels.run(program.offset + 4 * STEP_WORDS * first, count);
    },
    constantBytes: (i) => constantBytes(plan, i),
    trace: () => trace(kernels, plan, graph, tensors),
    stages: (direction, block, schedule) => stages(kernels, plan.scratch.offset, direction, block, schedule),
  };
}

/** Where the steps of each operation stand in the program. */
function stepsOf({ operations }: Plan): readonly { readonly first: number; readonly count: number }[] {
  let end = 0;
  return operations.map(({ steps }) => {
    const first = end;
    end += steps.length;
    return { first, count: steps.length };
  });
}

function constantBytes({ regions }: Plan, operation: number): number {
  const own = regions.filter(({ name, kind }) => kind === "constants" && name.startsWith(`operation ${operation} `));
  return own.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** @param at where a row's words stand while they are packed */
function packRows({ memory, packRow }: Kernels, rows: WeightRows, at: number): void {
  const { weights, first, count, rowWords, k, to, starts, pitch, binPitch, half } = rows;
  const row = new Int16Array(memory.buffer, at, rowWords);
  for (let i = 0; i < count; i++) {
    const from = (first + i) * rowWords;
    row.set(weights.subarray(from, from + rowWords));
    packRow(at, rowWords / k, k, to + 4 * i, pitch, binPitch, starts + 4 * i, pitch, half);
  }
}

function grow(memory: WebAssembly.Memory, bytes: number): void {
  const pages = Math.ceil(bytes / PAGE_BYTES) - memory.buffer.byteLength / PAGE_BYTES;
  if (pages <= 0) return;
  try {
    memory.grow(pages);
  } catch {
    throw new RuntimeError(`memory: expected ${bytes} bytes, the engine refused them`, { bytes });
  }
}

/** The tables below `heap` are constants too. */
function memoryOf({ regions }: Plan, heap: number): SessionMemory {
  const bytes = { tensors: 0, working: 0, constants: heap };
  for (const region of regions) bytes[region.kind] += region.bytes;
  return bytes;
}

function trace({ memory, run }: Kernels, plan: Plan, graph: Graph, tensors: readonly Int16Array[]) {
  const { traceStep } = plan;
  const words = new Int32Array(memory.buffer, traceStep.offset, traceStep.bytes / 4);
  const machine = {
    buffer: memory.buffer,
    run(step: Plan["steps"][number]) {
      writeProgram([step], words);
      run(traceStep.offset, 1);
    },
  };
  const fed = fedTensors(graph);
  return graph.operations.map((operation, i) => {
    const inputs = operation.inputs.map((tensor) => tensors[tensor]);
    return traceOperation(operation, plan.operations[i], machine, inputs, tensors[i + fed]);
  });
}

/** Transforms one block stage by stage in lane 0 of a tile. */
function stages(kernels: Kernels, tile: number, ...[direction, block, schedule]: Parameters<Backend["stages"]>) {
  const log2 = log2BlockSize(block.length);
  const lane = new Int16Array(kernels.memory.buffer, tile, LANES * block.length);
  const isForward = direction === "forward";
  block.forEach((word, i) => {
    lane[LANES * (isForward ? bitReverse(i, log2) : i)] = word;
  });
  return Array.from({ length: log2 }, (_, i) => {
    const stage = isForward ? i + 1 : log2 - i;
    const transform = isForward ? kernels.rfft : kernels.irfft;
    transform(tile, log2, schedule, stage, stage);
    return block.map((_, word) => lane[LANES * word]);
  });
}
