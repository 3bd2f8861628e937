import { flag, invalid, list, record, whole } from "./fields.ts";
import type { Activation } from "./network.ts";

/** Rows and columns of a kernel or a window. */
export type Extent = readonly [rows: number, columns: number];

export interface DenseConfig {
  readonly op: "dense";
  readonly out: number;
  /** Block size, a power of two from 1 to 2048; 1 trains a dense layer. */
  readonly k: number;
  /** Batch normalisation before the activation. */
  readonly norm: boolean;
  readonly activation: Activation;
}

export interface ConvConfig {
  readonly op: "conv2d";
  /** Channels of the output. */
  readonly out: number;
  readonly kernel: Extent;
  readonly stride: number;
  /** Zeros around the picture. */
  readonly pad: number;
  /** Block size of the matrix of channels at every tap. */
  readonly k: number;
  readonly norm: boolean;
  readonly activation: Activation;
}

export interface DepthwiseConfig {
  readonly op: "depthwise";
  readonly kernel: Extent;
  readonly stride: number;
  readonly pad: number;
  readonly norm: boolean;
  readonly activation: Activation;
}

export interface MaxPoolConfig {
  readonly op: "maxpool";
  readonly window: Extent;
  readonly stride: number;
  readonly pad: number;
}

export interface AvgPoolConfig {
  readonly op: "avgpool";
  readonly window: Extent;
  readonly stride: number;
}

/** The sum of two branches over one input; an empty shortcut is the input itself. */
export interface ResidualConfig {
  readonly op: "residual";
  readonly layers: readonly LayerConfig[];
  readonly shortcut: readonly LayerConfig[];
  readonly activation: Activation;
}

/** A layer of the network to train. */
export type LayerConfig =
  | DenseConfig
  | ConvConfig
  | DepthwiseConfig
  | MaxPoolConfig
  | AvgPoolConfig
  | { readonly op: "globalavgpool" }
  | { readonly op: "flatten" }
  | ResidualConfig;

/** Block sizes that the kernels take. */
export const LARGEST_BLOCK = 2048;

/** Most channels or words of a layer, side of a kernel, side of a window, stride, and residuals inside residuals. */
const MOST = { out: 65536, kernel: 7, window: 64, stride: 8, depth: 8 } as const;

type Parse = (layer: Record<string, unknown>, name: string, depth: number) => LayerConfig;

/** The fields of every operation and its reader. */
const OPERATIONS: Readonly<Record<LayerConfig["op"], { readonly fields: readonly string[]; readonly parse: Parse }>> = {
  conv2d: {
    fields: ["out", "kernel", "stride", "pad", "k", "norm", "activation"],
    parse: (layer, name) => ({
      op: "conv2d",
      out: whole(layer.out, `${name}.out`, 1, MOST.out),
      ...slide(layer, name),
      k: blockSize(layer.k, `${name}.k`),
      norm: flag(layer.norm, `${name}.norm`),
      activation: activation(layer.activation, `${name}.activation`),
    }),
  },
  depthwise: {
    fields: ["kernel", "stride", "pad", "norm", "activation"],
    parse: (layer, name) => ({
      op: "depthwise",
      ...slide(layer, name),
      norm: flag(layer.norm, `${name}.norm`),
      activation: activation(layer.activation, `${name}.activation`),
    }),
  },
  maxpool: {
    fields: ["window", "stride", "pad"],
    parse: (layer, name) => {
      const window = extent(layer.window, `${name}.window`, MOST.window);
      const pad = whole(layer.pad, `${name}.pad`, 0, Math.min(...window) - 1);
      return { op: "maxpool", window, stride: whole(layer.stride, `${name}.stride`, 1, MOST.stride), pad };
    },
  },
  avgpool: {
    fields: ["window", "stride"],
    parse: (layer, name) => ({
      op: "avgpool",
      window: extent(layer.window, `${name}.window`, MOST.window),
      stride: whole(layer.stride, `${name}.stride`, 1, MOST.stride),
    }),
  },
  globalavgpool: { fields: [], parse: () => ({ op: "globalavgpool" }) },
  flatten: { fields: [], parse: () => ({ op: "flatten" }) },
  dense: {
    fields: ["out", "k", "norm", "activation"],
    parse: (layer, name) => ({
      op: "dense",
      out: whole(layer.out, `${name}.out`, 1, MOST.out),
      k: blockSize(layer.k, `${name}.k`),
      norm: flag(layer.norm, `${name}.norm`),
      activation: activation(layer.activation, `${name}.activation`),
    }),
  },
  residual: {
    fields: ["layers", "shortcut", "activation"],
    parse: (layer, name, depth) => {
      if (depth === MOST.depth) throw invalid(name, `at most ${MOST.depth} residuals inside each other`, depth + 1);
      const layers = parseLayers(layer.layers, `${name}.layers`, depth + 1);
      if (layers.length === 0) throw invalid(`${name}.layers`, "at least one layer", layers);
      return {
        op: "residual",
        layers,
        shortcut: parseLayers(layer.shortcut, `${name}.shortcut`, depth + 1),
        activation: activation(layer.activation, `${name}.activation`),
      };
    },
  },
};

/**
 * Reads a list of layers of a recipe.
 *
 * @throws OptionError naming the field, as in `layers[2].shortcut[0].k`
 */
export function parseLayers(value: unknown, name: string, depth = 0): LayerConfig[] {
  return list(value, name).map((layer, index) => parseLayer(layer, `${name}[${index}]`, depth));
}

function parseLayer(value: unknown, name: string, depth: number): LayerConfig {
  const op =
    typeof value === "object" && value !== null && !Array.isArray(value) && "op" in value ? value.op : undefined;
  if (typeof op !== "string" || !Object.hasOwn(OPERATIONS, op)) {
    const known = Object.keys(OPERATIONS).join(", ");
    throw op === undefined
      ? invalid(name, `an object with op, one of ${known}`, value)
      : invalid(`${name}.op`, known, op);
  }
  const { fields, parse } = OPERATIONS[op as LayerConfig["op"]];
  return parse(record(value, name, ["op", ...fields]), name, depth);
}

function slide(layer: Record<string, unknown>, name: string): { kernel: Extent; stride: number; pad: number } {
  const kernel = extent(layer.kernel, `${name}.kernel`, MOST.kernel);
  const stride = whole(layer.stride, `${name}.stride`, 1, MOST.stride);
  return { kernel, stride, pad: whole(layer.pad, `${name}.pad`, 0, Math.min(...kernel) - 1) };
}

/** A side, for both, or rows and columns. */
function extent(value: unknown, name: string, most: number): Extent {
  if (!Array.isArray(value)) {
    const side = whole(value, name, 1, most);
    return [side, side];
  }
  if (value.length !== 2) throw invalid(name, "a side, or rows and columns", value);
  return [whole(value[0], `${name}[0]`, 1, most), whole(value[1], `${name}[1]`, 1, most)];
}

function blockSize(value: unknown, name: string): number {
  const k = whole(value, name, 1, LARGEST_BLOCK);
  if ((k & (k - 1)) !== 0) throw invalid(name, "a power of two", k);
  return k;
}

function activation(value: unknown, name: string): Activation {
  if (value !== "relu" && value !== "identity") throw invalid(name, '"relu" or "identity"', value);
  return value;
}
