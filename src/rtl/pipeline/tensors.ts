import { OptionError } from "../../errors.ts";
import { type Operation, operationWords } from "../../layers/operation.ts";
import { windowGrid } from "../../layers/window.ts";
import type { EngineProgram } from "../program.ts";

/** Part of a tensor as an operation sees it: `pixels` rows of `channels` words. */
export interface View {
  /** 0 is the input, n + 1 the result of node n. */
  readonly tensor: number;
  /** First word, in natural order. */
  readonly offset: number;
  readonly pixels: number;
  readonly channels: number;
}

/** An operation that the engine runs as a job. */
export interface PipelineNode {
  readonly operation: Operation;
  /** Number of the operation in the network; none for a copy that the engine needs. */
  readonly number: number | undefined;
  readonly inputs: readonly View[];
}

/** A network as jobs on tensors. */
export interface PipelineNetwork {
  readonly nodes: readonly PipelineNode[];
  /** Words of the input. */
  readonly inputWords: number;
  readonly output: View;
}

/** What an operation sees of an operand, and what it makes: pixels and channels. */
function shapes(operation: Operation): { readonly from: [number, number]; readonly to: [number, number] } {
  if (operation.op === "dense") return { from: [1, operation.in], to: [1, operation.out] };
  if (operation.op === "add" || operation.op === "flatten") {
    return { from: [1, operation.words], to: [1, operation.words] };
  }
  const { rows, columns } = windowGrid(operation);
  const isConv = operation.op === "conv2d";
  const [seen, made] = isConv ? [operation.in, operation.out] : [operation.channels, operation.channels];
  return { from: [operation.height * operation.width, seen], to: [rows * columns, made] };
}

/**
 * Finds out which tensor each operation reads: the last that was written where it reads. `flatten` is no job, its result a
 * view of what it reads. A sum sees its operands as the operation that made them did.
 */
export function networkOf({ steps, input, output }: EngineProgram): PipelineNetwork {
  const nodes: PipelineNode[] = [];
  // What stands at an offset of the memory plan: the latest first.
  const written: { readonly at: number; readonly view: View }[] = [
    { at: input.offset, view: { tensor: 0, offset: 0, pixels: 1, channels: input.words } },
  ];
  const latest = (at: number): View => {
    const found = written.find((entry) => entry.at === at);
    if (found) return found.view;
    // The second operand of a lone sum stands behind the first, in the same input.
    return { tensor: 0, offset: at - input.offset, pixels: 1, channels: input.words };
  };
  for (const [number, { operation, from, to }] of steps.entries()) {
    if ("schedule" in operation)
      throw new OptionError(`operation ${number}: expected one of a network, got ${operation.op}`);
    const words = operationWords(operation).input;
    const sources = from.map(latest);
    if (operation.op === "flatten") {
      written.unshift({ at: to, view: { ...sources[0], pixels: 1, channels: words } });
      continue;
    }
    const { from: seen, to: made } = shapes(operation);
    const inputs = sources.map((source): View => {
      if (operation.op === "add") {
        const { channels } =
          source.offset === 0 && source.pixels * source.channels === words ? source : { channels: words };
        return { tensor: source.tensor, offset: source.offset, pixels: words / channels, channels };
      }
      return { tensor: source.tensor, offset: source.offset, pixels: seen[0], channels: seen[1] };
    });
    let [pixels, channels] = made;
    if (operation.op === "add") [pixels, channels] = [inputs[0].pixels, inputs[0].channels];
    nodes.push({ operation, number, inputs });
    written.unshift({ at: to, view: { tensor: nodes.length, offset: 0, pixels, channels } });
  }
  return { nodes, inputWords: input.words, output: latest(output.offset) };
}
