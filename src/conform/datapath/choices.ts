export type Rounding = "half up" | "truncated" | "toward zero" | "half even" | "half away";
export type Overflow = "saturate" | "wrap";
export type ScheduleOrder = "given" | "reversed" | "other";
/** The sign of the sines: as given; negated in the table, or in the sums of rounded products; there and in the quarter turn. */
export type Rotation = "given" | "sines negated" | "sums exchanged" | "conjugated" | "conjugated sums";

/**
 * Every choice that docs/arithmetic.md makes and another datapath may have made otherwise. What is compared with a dump is
 * what a network's tensors would be under other choices.
 */
export interface Datapath {
  /** Of the products of data and twiddles. */
  readonly products: Rounding;
  /** Of accumulators, means, aligned words and table activations. */
  readonly requantisation: Rounding;
  /** How a scaled stage halves: its operands by truncation, the same rounded up, or the sums after the butterfly. */
  readonly halving: "truncated" | "rounded" | "after";
  /** Of the sums of butterflies. */
  readonly butterflies: Overflow;
  /** Of requantised accumulators and of sums with a bias or a residual. */
  readonly clamps: Overflow;
  readonly forwardSchedule: ScheduleOrder;
  readonly inverseSchedule: ScheduleOrder;
  readonly forwardTwiddles: Rotation;
  readonly inverseTwiddles: Rotation;
  /** Whether the forward transform reads its input, the inverse writes its output, in bit-reversed order. */
  readonly forwardReversal: boolean;
  readonly inverseReversal: boolean;
  readonly bias: boolean;
  /** Whether the activation follows the bias, comes before it, or is missing. */
  readonly activation: "given" | "before bias" | "missing";
  /** Weight blocks as given by their first columns, by their first rows, the grid read column by column, bins in natural
   * order where locations are read, or real and imaginary parts exchanged. */
  readonly weights: "columns" | "rows" | "grid transposed" | "natural bins" | "parts exchanged";
  readonly taps: "given" | "reversed" | "transposed";
  /** Whether products are summed wide, or requantised block by block and then summed. */
  readonly accumulation: "wide" | "requantised";
  /** Added to the right shift of accumulators. */
  readonly extraShift: number;
  /** Whether the operands of a residual sum are brought to one format. */
  readonly alignment: boolean;
  /** How the network's input is read: NHWC, or channel after channel. */
  readonly input: "channels last" | "channels first";
}

/** The choices of docs/arithmetic.md. */
export const SPECIFIED: Datapath = {
  products: "half up",
  requantisation: "half up",
  halving: "truncated",
  butterflies: "saturate",
  clamps: "saturate",
  forwardSchedule: "given",
  inverseSchedule: "given",
  forwardTwiddles: "given",
  inverseTwiddles: "given",
  forwardReversal: true,
  inverseReversal: true,
  bias: true,
  activation: "given",
  weights: "columns",
  taps: "given",
  accumulation: "wide",
  extraShift: 0,
  alignment: true,
  input: "channels last",
};
