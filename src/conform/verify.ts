import type { ModelOperation } from "../model/model.ts";
import type { WaveRequest } from "../rtl/simulate/design.ts";
import { compareTensors, type Difference, type TensorCount } from "./compare.ts";
import { type TracedTensor, traceReference } from "./trace.ts";

/** A realisation that shows its tensors. */
export interface Tracer {
  readonly name: string;
  trace(x: Int16Array): Promise<{ readonly tensors: readonly TracedTensor[]; readonly cycles?: number }>;
  /**
   * The words of an operation's transforms after each stage, for a realisation whose `trace` shows whole transforms only.
   * Asked for once a transform differs, to name its first wrong stage.
   */
  refine?(x: Int16Array, operation: number, tensor: "spectra" | "transforms"): Promise<readonly TracedTensor[]>;
  /** The clock cycle in which a datapath wrote the word of a difference, undefined if it never did. */
  locate?(x: Int16Array, difference: Difference): Promise<number | undefined>;
  /** Runs a vector again and writes the waveforms of a window of cycles. */
  dump?(x: Int16Array, waves: WaveRequest): Promise<void>;
  dispose(): void;
}

export interface VerifyReport {
  readonly name: string;
  readonly vectors: number;
  /** In the order in which a network makes them. */
  readonly tensors: readonly TensorCount[];
  readonly words: number;
  readonly differing: number;
  /** The first difference of the first vector that has one. */
  readonly first?: Difference;
  /** Clock cycle of the run of its vector in which that word was written, for a datapath. */
  readonly firstCycle?: number;
  /** Clock cycles of each vector, for a datapath. */
  readonly cycles: readonly number[];
}

/**
 * Compares every tensor that a realisation shows with the reference, for each vector.
 *
 * @param onVector called after each vector with the number done
 */
export async function verify(
  operations: readonly ModelOperation[],
  inputs: readonly Int16Array[],
  tracer: Tracer,
  onVector?: (done: number) => void,
): Promise<VerifyReport> {
  const counts = new Map<string, TensorCount>();
  const cycles: number[] = [];
  let first: Difference | undefined;
  let firstCycle: number | undefined;
  for (const [vector, x] of inputs.entries()) {
    const expected = traceReference(operations, x, tracer.refine === undefined);
    const actual = await tracer.trace(x);
    const difference = compareTensors(vector, expected, actual.tensors, counts);
    if (difference && !first) {
      first = await refine(tracer, operations, x, difference);
      firstCycle = await tracer.locate?.(x, first);
    }
    if (actual.cycles !== undefined) cycles.push(actual.cycles);
    onVector?.(vector + 1);
  }
  const tensors = [...counts.values()];
  const total = (field: "words" | "differing") => tensors.reduce((sum, tensor) => sum + tensor[field], 0);
  return {
    name: tracer.name,
    vectors: inputs.length,
    tensors,
    words: total("words"),
    differing: total("differing"),
    ...(first ? { first } : {}),
    ...(firstCycle === undefined ? {} : { firstCycle }),
    cycles,
  };
}

/** The first wrong stage of the transform in which a difference was seen. */
async function refine(
  tracer: Tracer,
  operations: readonly ModelOperation[],
  x: Int16Array,
  difference: Difference,
): Promise<Difference> {
  const { tensor, operation, vector } = difference;
  if (!tracer.refine || (tensor !== "spectra" && tensor !== "transforms")) return difference;
  const stages = await tracer.refine(x, operation, tensor);
  return compareTensors(vector, traceReference(operations, x, true), stages, new Map()) ?? difference;
}
