import {
  type Arrange,
  beatReversed,
  bitReversedBins,
  bitReversedWords,
  byteSwapped,
  complexWords,
  conjugated,
  eachWord,
  likelyShifts,
  locationOrder,
  otherFormat,
  paddingDropped,
  paddingKept,
  partsExchanged,
  pictureOrder,
  shifted,
} from "./arrangements.ts";
import type { Datapath } from "./datapath/choices.ts";

/** Something that another datapath, or the tool that dumped it, may do otherwise than docs/arithmetic.md. */
export interface Convention {
  readonly name: string;
  /** What is otherwise in the dump, as a clause. */
  readonly meaning: string;
  /** What makes it right, as a clause. */
  readonly remedy: string;
}

/** Another choice of the arithmetic. */
export interface Choice extends Convention {
  readonly datapath: Partial<Datapath>;
  /** A part of another choice in the list: not tried in pairs with other choices. */
  readonly isPart?: true;
}

/** Another order or form of right words. */
export interface Arrangement extends Convention {
  readonly arrange: Arrange;
  /** Those of a pair are done in this order: order, parts, form, word, beat, stream. */
  readonly rank: number;
  /** Numbers to try it with; one without meaning if not given. */
  readonly amounts?: readonly number[] | ((dump: Float64Array, words: Float64Array) => readonly number[]);
}

type DirectedKey = { readonly [K in keyof Datapath]: K extends `forward${infer N}` ? N : never }[keyof Datapath];

/** A choice for both transforms, and its parts: for the forward or the inverse alone. */
function bothWays<K extends DirectedKey>(
  name: string,
  key: K,
  value: Datapath[`forward${K}`],
  meaning: (transforms: string) => string,
  remedy: string,
): readonly Choice[] {
  const ways = { forward: { [`forward${key}`]: value }, inverse: { [`inverse${key}`]: value } };
  const part = (way: "forward" | "inverse"): Choice => {
    const meant = meaning(`the ${way} transform`);
    return { name: `${name}-${way}`, meaning: meant, remedy, datapath: ways[way], isPart: true };
  };
  const datapath = { ...ways.forward, ...ways.inverse };
  return [{ name, meaning: meaning("both transforms"), remedy, datapath }, part("forward"), part("inverse")];
}

/** Another rounding everywhere, and its parts: of the products with twiddles or of requantised words alone. */
function rounded(name: string, value: Datapath["products"], how: string): readonly Choice[] {
  const remedy = "add half of the last place before the shift: round half up (section 1)";
  const choice = (suffix: string, where: string, datapath: Partial<Datapath>): Choice => {
    const meaning = `${where} ${how}`;
    return { name: `${name}${suffix}`, meaning, remedy, datapath, ...(suffix ? { isPart: true } : {}) };
  };
  return [
    choice("", "every shift", { products: value, requantisation: value }),
    choice("-twiddles", "the products with twiddles are shifted and", { products: value }),
    choice("-requantisation", "requantised words are shifted and", { requantisation: value }),
  ];
}

/** Other choices of the arithmetic; sections are those of docs/arithmetic.md. */
export const CHOICES: readonly Choice[] = [
  ...bothWays(
    "schedule-reversed",
    "Schedule",
    "reversed",
    (transforms) => `${transforms} took the scaling schedule in reverse, its first bit for the last stage`,
    "bit t - 1 of a schedule belongs to the stage of group size 2^t (section 5)",
  ),
  ...bothWays(
    "schedules-exchanged",
    "Schedule",
    "other",
    (transforms) => `${transforms} took the schedule of the opposite transform`,
    "give each transform its own schedule: forward and inverse are two fields",
  ),
  ...bothWays(
    "twiddles-conjugated",
    "Twiddles",
    "conjugated",
    (transforms) => `${transforms} took conjugated twiddles, those of the opposite transform`,
    "the forward transform multiplies by exp(-2 pi j i / M) (section 3): exchange forward and inverse",
  ),
  ...bothWays(
    "sines-negated",
    "Twiddles",
    "sines negated",
    (transforms) => `${transforms} took the sines of the twiddles with the wrong sign`,
    "s(M, i) is positive; section 5 says where it is added and where subtracted",
  ),
  ...bothWays(
    "turn-reversed",
    "Twiddles",
    "conjugated sums",
    (transforms) => `${transforms} turned the other way, as the opposite transform does, by adding for subtracting`,
    "the forward transform multiplies by exp(-2 pi j i / M) (section 3): exchange forward and inverse",
  ),
  ...bothWays(
    "product-sums-exchanged",
    "Twiddles",
    "sums exchanged",
    (transforms) => `${transforms} added where products with twiddles are subtracted, and the other way round`,
    "tr = or c + oi s, ti = oi c - or s (section 5); its opposite in the inverse (section 6)",
  ),
  ...bothWays(
    "bit-reversal-missing",
    "Reversal",
    false,
    (transforms) => `${transforms} left out the bit-reversed order`,
    "read the block as x[bitrev(i)], write y[bitrev(i)] = a[i] (sections 5 and 6)",
  ),
  ...rounded("truncation", "truncated", "truncated"),
  ...rounded("truncation-toward-zero", "toward zero", "truncated toward zero"),
  ...rounded("half-even", "half even", "rounded half to even"),
  ...rounded("half-away", "half away", "rounded half away from zero"),
  {
    name: "halving-rounded",
    meaning: "a scaled stage rounds when it halves",
    remedy: "half(a) is a >> 1: it drops the last bit (section 1)",
    datapath: { halving: "rounded" },
  },
  {
    name: "halving-after",
    meaning: "a scaled stage halves its sums instead of its operands",
    remedy: "halve the operands, in the forward transform also the twiddles, before the sums (section 5)",
    datapath: { halving: "after" },
  },
  {
    name: "wrap",
    meaning: "sums and requantised words wrap",
    remedy: "saturate: clamp to -32768 .. 32767 (section 1)",
    datapath: { butterflies: "wrap", clamps: "wrap" },
  },
  {
    name: "wrap-transforms",
    meaning: "the sums of the transforms wrap",
    remedy: "saturate each sum of a butterfly (section 5)",
    datapath: { butterflies: "wrap" },
    isPart: true,
  },
  {
    name: "wrap-requantisation",
    meaning: "requantised accumulators and the sums with bias or residual wrap",
    remedy: "saturate after the shift and after the sum (sections 1 and 7)",
    datapath: { clamps: "wrap" },
    isPart: true,
  },
  {
    name: "bias-missing",
    meaning: "no bias is added",
    remedy: "add the bias to the inverse transform, saturated (section 7)",
    datapath: { bias: false },
  },
  {
    name: "activation-missing",
    meaning: "the activation is left out",
    remedy: "apply it to the sum with the bias (section 8)",
    datapath: { activation: "missing" },
  },
  {
    name: "activation-before-bias",
    meaning: "the activation comes before the bias",
    remedy: "add the bias first (section 7)",
    datapath: { activation: "before bias" },
  },
  {
    name: "blocks-transposed",
    meaning: "weight blocks are taken by their first row instead of their first column",
    remedy: "C w x = sum of w[m] x[(n - m) mod k]: conjugate the weight spectra, or transpose the blocks (section 2)",
    datapath: { weights: "rows" },
  },
  {
    name: "grid-transposed",
    meaning: "the grid of weight blocks is read column by column",
    remedy: "block (i, j) stands at i q + j: p rows of q blocks",
    datapath: { weights: "grid transposed" },
  },
  {
    name: "weights-natural-bins",
    meaning: "weights stand in the order of bins where they are read in the order of locations",
    remedy: "emit weights by bin(location) (section 9), as `circulant emit` does",
    datapath: { weights: "natural bins" },
  },
  {
    name: "weight-parts-exchanged",
    meaning: "real and imaginary parts of the weights are exchanged",
    remedy: "word i of a block is Re W[i], word k - i is Im W[i] (section 3)",
    datapath: { weights: "parts exchanged" },
  },
  {
    name: "taps-reversed",
    meaning: "the taps of a window are taken from the last to the first",
    remedy:
      "tap (r, s) meets the pixel (y stride + r - pad, x stride + s - pad): correlation, no flipped kernel (section 7)",
    datapath: { taps: "reversed" },
  },
  {
    name: "taps-transposed",
    meaning: "the taps of a window are taken column by column",
    remedy: "taps stand row by row (section 7)",
    datapath: { taps: "transposed" },
  },
  {
    name: "requantised-before-sum",
    meaning: "each product of blocks is requantised before the sum",
    remedy: "sum in 32 bits over all taps and input blocks, then requantise once (section 7)",
    datapath: { accumulation: "requantised" },
  },
  {
    name: "shift-one-more",
    meaning: "accumulators are shifted right by one bit too many",
    remedy: "shift by the operation's `shift` (circulant inspect shows it)",
    datapath: { extraShift: 1 },
  },
  {
    name: "shift-one-less",
    meaning: "accumulators are shifted right by one bit too few",
    remedy: "shift by the operation's `shift` (circulant inspect shows it)",
    datapath: { extraShift: -1 },
  },
  {
    name: "alignment-missing",
    meaning: "the operands of a residual sum are not brought to one format",
    remedy: "shift each by its own amount before the sum (section 8)",
    datapath: { alignment: false },
  },
  {
    name: "input-channels-first",
    meaning: "the input picture is read channel after channel",
    remedy: "send pictures in NHWC order: row by row, the channels of a pixel together",
    datapath: { input: "channels first" },
  },
];

const [ORDER, PARTS, FORM, WORD, BEAT, STREAM] = [0, 1, 2, 3, 4, 5];

function complexForm(name: string, bins: Parameters<typeof complexWords>[0], meaning: string): readonly Arrangement[] {
  const remedy = "word i of a block is Re X[i] for i <= k/2, word k - i is Im X[i] (section 3)";
  const put = (imaginaryFirst: boolean): Arrangement => ({
    name: imaginaryFirst ? `${name}-imaginary-first` : name,
    meaning: `spectra are complex words, ${imaginaryFirst ? "the imaginary part first" : "the real part first"}, ${meaning}`,
    remedy,
    arrange: complexWords(bins, imaginaryFirst),
    rank: FORM,
  });
  return [put(false), put(true)];
}

/** Other orders and forms of right words. */
export const ARRANGEMENTS: readonly Arrangement[] = [
  {
    name: "location-order",
    meaning: "the bins of a spectrum stand in the order of locations",
    remedy: "location x holds bin(x) (section 9): reorder the dump",
    arrange: locationOrder,
    rank: ORDER,
  },
  {
    name: "bit-reversed",
    meaning: "the words of each block stand in bit-reversed order",
    remedy: "word i of a block stands at bitrev(i): reorder the dump, or the blocks",
    arrange: bitReversedWords,
    rank: ORDER,
  },
  {
    name: "bit-reversed-bins",
    meaning: "the bins of each spectrum stand in bit-reversed order",
    remedy: "bin i stands at bitrev(i): reorder the dump",
    arrange: bitReversedBins,
    rank: ORDER,
  },
  {
    name: "channels-first",
    meaning: "the picture stands channel after channel (NCHW)",
    remedy: "pictures are NHWC: row by row, the channels of a pixel together",
    arrange: pictureOrder("channels first"),
    rank: ORDER,
  },
  {
    name: "columns-first",
    meaning: "the picture stands column by column",
    remedy: "pictures are NHWC: row by row",
    arrange: pictureOrder("columns first"),
    rank: ORDER,
  },
  {
    name: "conjugated",
    meaning: "the imaginary parts have the other sign",
    remedy: "X[i] = sum of x[n] exp(-2 pi j i n / k) (section 3): exchange forward and inverse, or negate",
    arrange: conjugated,
    rank: PARTS,
  },
  {
    name: "parts-exchanged",
    meaning: "real and imaginary parts are exchanged",
    remedy: "word i of a block is Re X[i], word k - i is Im X[i] (section 3)",
    arrange: partsExchanged,
    rank: PARTS,
  },
  ...complexForm("interleaved", "packed", "bin 0 with the real bin k/2 as its second part"),
  ...complexForm("interleaved-half", "half", "bins 0 to k/2"),
  ...complexForm("interleaved-all", "all", "all k bins"),
  ...complexForm("interleaved-all-bit-reversed", "all bit-reversed", "all k bins in bit-reversed order"),
  {
    name: "padding-kept",
    meaning: "words past the end of a row are kept",
    remedy: "a row has `out` words; leave out those past it",
    arrange: paddingKept,
    rank: FORM,
  },
  {
    name: "padding-dropped",
    meaning: "words past the end of a row are left out",
    remedy: "dump whole blocks: this tensor has p k (or q k) words a row",
    arrange: paddingDropped,
    rank: FORM,
  },
  {
    name: "byte-swapped",
    meaning: "the bytes of a word are in the other order",
    remedy: "words are little-endian in a beat: byte 0 holds bits 7 .. 0",
    arrange: eachWord(byteSwapped),
    rank: WORD,
  },
  {
    name: "offset-binary",
    meaning: "words are in offset binary: 32768 (or 2^31) more, unsigned",
    remedy: "invert the highest bit: words are two's complement",
    arrange: eachWord((word, bits) => (bits === 16 ? ((word + 32768) << 16) >> 16 : word ^ -0x80000000)),
    rank: WORD,
  },
  {
    name: "other-format",
    meaning: "words have another number of fractional bits",
    remedy: "circulant inspect shows the fractional bits of each tensor",
    arrange: eachWord(otherFormat),
    amounts: [-8, -7, -6, -5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 6, 7, 8],
    rank: WORD,
  },
  {
    name: "negated",
    meaning: "words have the other sign",
    remedy: "subtract the other way round, or negate",
    arrange: eachWord((word) => -word),
    rank: WORD,
  },
  {
    name: "beat-reversed",
    meaning: "the words of a beat stand in the other order",
    remedy: "the first word of a beat is in its low bits",
    arrange: beatReversed,
    amounts: [2, 4, 8, 16],
    rank: BEAT,
  },
  {
    name: "shifted",
    meaning: "the dump starts at another word",
    remedy: "start with the first word of the tensor: a positive number of words is missing, a negative one too many",
    arrange: shifted,
    amounts: likelyShifts,
    rank: STREAM,
  },
];

/** The names that --as takes. */
export const ARRANGEMENT_NAMES: readonly string[] = ARRANGEMENTS.map(({ name }) => name);
