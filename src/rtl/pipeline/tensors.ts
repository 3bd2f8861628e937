import { OptionError } from "../../errors.ts";
import { type Operation, operationWords } from "../../layers/operation.ts";
import { windowGrid } from "../../layers/window.ts";
import type { EngineProgram } from "../program.ts";
import { windowOf } from "../size.ts";

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

/** Pixels and channels of what an operation other than a sum reads. */
function seenBy(operation: Exclude<Operation, { readonly op: "add" | "flatten" }>): [pixels: number, channels: number] {
  const { height, width } = windowOf(operation);
  return [height * width, "channels" in operation ? operation.channels : operation.in];
}

/** Pixels and channels of what an operation makes; a sum is as its first operand. */
export function madeBy(operation: Operation, { pixels, channels }: View): [pixels: number, channels: number] {
  if (operation.op === "add" || operation.op === "flatten") return [pixels, channels];
  const { rows, columns } = windowGrid(windowOf(operation));
  return [rows * columns, "channels" in operation ? operation.channels : operation.out];
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
    const inputs = sources.map(({ tensor, offset, ...source }): View => {
      if (operation.op !== "add") {
        const [pixels, channels] = seenBy(operation);
        return { tensor, offset, pixels, channels };
      }
      const { channels } = offset === 0 && source.pixels * source.channels === words ? source : { channels: words };
      return { tensor, offset, pixels: words / channels, channels };
    });
    const [pixels, channels] = madeBy(operation, inputs[0]);
    nodes.push({ operation, number, inputs });
    written.unshift({ at: to, view: { tensor: nodes.length, offset: 0, pixels, channels } });
  }
  return { nodes, inputWords: input.words, output: latest(output.offset) };
}
