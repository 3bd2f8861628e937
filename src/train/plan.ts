import { type Buffer, packBuffers } from "./buffers.ts";
import type { Arena, Kernels } from "./kernels.ts";
import { createLayout, type Layout } from "./layout.ts";
import type { Shape } from "./network.ts";
import type { PlacedNode } from "./parameters.ts";

/** Rows of a tensor somewhere in memory: a table with an offset a channel, and how far the next pixel's rows are. */
export interface Rows {
  readonly buffer: Buffer;
  readonly table: number;
  readonly pixel: number;
  readonly pixels: number;
  readonly channels: number;
}

/** A tensor in the forms in which operations read it; what is flattened is the same tensor. */
export interface Value {
  readonly pixels: number;
  readonly channels: number;
  /** Whether anything learns from its gradient: all but the network's input. */
  readonly learns: boolean;
  /** Pixel by pixel the channels, as all but blocks of k > 1 read it. */
  readonly natural?: Buffer;
  /** Its spectra for blocks of k. */
  readonly spectra: readonly Spectra[];
  /** Where its producer writes it. */
  readonly primary: Rows;
  /** What the operations that read it say of its gradient, in the backward pass. */
  readonly gradients: Rows[];
}

export interface Spectra {
  readonly layout: Layout;
  readonly buffer: Buffer;
}

type Action = (fixed: boolean) => void;

/** What an engine keeps from step to step, by address. */
export interface Memory {
  readonly parameters: number;
  readonly gradient: number;
  /** Statistics of the norms: those given, and those of the last batch. */
  readonly statistics: number;
  readonly measured: number;
  readonly twiddles: number;
  /** As many ones as there are channels, and 32 bytes of scratch a channel or 16 a weight of a depthwise operation. */
  readonly ones: number;
  readonly sums: number;
}

/** The passes of an engine while they are laid out: what runs, and from when to when every buffer is in use. */
export interface Plan {
  readonly kernels: Kernels;
  readonly arena: Arena;
  readonly images: number;
  /** Bytes of a row of one channel of one pixel. */
  readonly width: number;
  readonly memory: Memory;
  readonly values: readonly Value[];
  readonly layout: (k: number, pixels: number, channels: number) => Layout;
  readonly buffer: (bytes: number) => Buffer;
  /** Says that the step being laid out uses the buffer. */
  readonly touch: <B extends Buffer | Rows>(used: B) => B;
  /** Rows of a buffer in natural order. */
  readonly naturalRows: (buffer: Buffer, pixels: number, channels: number) => Rows;
  /** Appends to the pass being laid out. */
  readonly run: (action: Action) => void;
}

/** Whether a node reads spectra of blocks, not the words themselves. */
function readsSpectra(node: PlacedNode): node is PlacedNode & { readonly k: number; readonly in: number } {
  return (node.op === "dense" || node.op === "conv2d") && node.k > 1;
}

/** The tensor that a tensor is, flattened or not. */
export function rootsOf(nodes: readonly PlacedNode[]): number[] {
  const roots = [0];
  for (const node of nodes) roots.push(node.op === "flatten" ? roots[node.inputs[0]] : roots.length);
  return roots;
}

export interface Planner extends Plan {
  /** Begins the next step; its actions go to the list. */
  readonly begin: (actions: Action[]) => void;
  /** Goes on with the same step in another list. */
  readonly redirect: (actions: Action[]) => void;
  /** Gives every buffer its address. */
  readonly pack: () => void;
}

export function createPlanner(
  kernels: Kernels,
  arena: Arena,
  memory: Memory,
  nodes: readonly PlacedNode[],
  input: Shape,
  images: number,
): Planner {
  const width = 4 * images;
  const buffers: Buffer[] = [];
  const shapes = [input, ...nodes.map((node) => node.output)];
  const most = shapes.reduce((sum, [h, w, c]) => Math.max(sum, h * w * c), 0);
  const natural = arena.table(Array.from({ length: most }, (_, e) => e * width));
  const roots = rootsOf(nodes);
  const known = new Map<string, Layout>();
  let step = 0;
  let list: Action[] = [];

  const layout = (k: number, pixels: number, channels: number) => {
    const key = `${k} ${pixels} ${channels}`;
    const one = known.get(key) ?? createLayout(arena, k, pixels, channels, width, natural);
    known.set(key, one);
    return one;
  };
  const buffer = (bytes: number) => {
    const fresh = { bytes, first: step, last: step, address: 0 };
    buffers.push(fresh);
    return fresh;
  };
  const touch = <B extends Buffer | Rows>(used: B): B => {
    const target = "buffer" in used ? used.buffer : (used as Buffer);
    target.first = Math.min(target.first, step);
    target.last = Math.max(target.last, step);
    return used;
  };
  const naturalRows = (from: Buffer, pixels: number, channels: number): Rows => {
    return { buffer: from, table: natural, pixel: channels * width, pixels, channels };
  };
  const describe = (tensor: number): Value => {
    const [h, w, channels] = shapes[tensor];
    const pixels = h * w;
    const readers = nodes.filter((node) => node.inputs.some((from) => roots[from] === tensor) && node.op !== "flatten");
    const layouts = new Set(
      readers.filter(readsSpectra).map((node) => layout(node.k, node.from[0] * node.from[1], node.in)),
    );
    const spectra = [...layouts].map((one) => ({ layout: one, buffer: unplaced(buffers, one.bytes) }));
    const direct = spectra.length === 1 && (tensor === 0 || spectra[0].layout.pixels === pixels);
    const last = tensor === roots[shapes.length - 1];
    const words = !direct || last || readers.some((node) => !readsSpectra(node));
    const whole = words ? unplaced(buffers, pixels * channels * width) : undefined;
    const primary = whole ? naturalRows(whole, pixels, channels) : rowsOf(spectra[0], spectra[0].layout.forwards);
    return { pixels, channels, learns: tensor > 0, natural: whole, spectra, primary, gradients: [] };
  };
  const own = roots.map((root, tensor) => (root === tensor ? describe(tensor) : undefined));
  const values = roots.map((root) => own[root] as Value);
  return {
    kernels,
    arena,
    memory,
    images,
    width,
    values,
    layout,
    buffer,
    touch,
    naturalRows,
    run: (action: Action) => void list.push(action),
    begin: (actions: Action[]) => {
      step++;
      list = actions;
    },
    redirect: (actions: Action[]) => {
      list = actions;
    },
    pack: () => packBuffers(buffers, arena.take),
  };
}

/** A buffer whose first use is still to come. */
function unplaced(buffers: Buffer[], bytes: number): Buffer {
  const fresh = { bytes, first: Number.POSITIVE_INFINITY, last: -1, address: 0 };
  buffers.push(fresh);
  return fresh;
}

/** The rows of a tensor's spectra before their transform, or of their gradient with the other table. */
export function rowsOf({ layout, buffer }: Spectra, table: number): Rows {
  return { buffer, table, pixel: layout.pixel, pixels: layout.pixels, channels: layout.channels };
}

/** Lays out what follows when a tensor is whole: its copies for blocks of other sizes, and their transforms. */
export function publish(plan: Plan, value: Value): void {
  const { kernels, width, memory, touch } = plan;
  for (const one of value.spectra) {
    const { layout, buffer } = one;
    touch(buffer);
    if (value.natural) {
      const to = rowsOf(one, layout.forwards);
      copy(plan, plan.naturalRows(touch(value.natural), layout.pixels, layout.channels), to, false);
    }
    plan.run(() => {
      const { address } = buffer;
      kernels.clearRows(address, layout.pads.table, layout.pixel, layout.pixels, layout.pads.count, width);
      kernels.forwardTransform(address, layout.log2, layout.stride, layout.rowBytes, memory.twiddles);
    });
  }
}

/** Lays out a copy, or an addition, of rows to rows of the same structure. */
export function copy(plan: Plan, from: Rows, to: Rows, add: boolean): void {
  const { kernels, width, touch } = plan;
  touch(from);
  touch(to);
  const { pixels, channels } = to;
  const move = add ? kernels.addRows : kernels.copyRows;
  plan.run(() => {
    const [a, b] = [from.buffer.address, to.buffer.address];
    move(a, from.table, from.pixel, b, to.table, to.pixel, pixels, channels, width);
  });
}

/** The gradient of a tensor: what its readers say, summed if they are several. */
export function gradientOf(plan: Plan, value: Value): Rows {
  const { pixels, channels, gradients } = value;
  const [only] = gradients;
  if (gradients.length === 1 && only.pixels === pixels) return plan.touch(only);
  const buffer = plan.buffer(pixels * channels * plan.width);
  gradients.forEach((from, index) => {
    copy(plan, from, plan.naturalRows(buffer, from.pixels, from.channels), index > 0);
  });
  return plan.naturalRows(buffer, pixels, channels);
}

/** Its gradient in natural order, as operations on whole pictures take it. */
export function naturalGradientOf(plan: Plan, value: Value): Buffer {
  const rows = gradientOf(plan, value);
  const natural = plan.naturalRows(rows.buffer, value.pixels, value.channels);
  if (rows.table === natural.table && rows.pixel === natural.pixel) return rows.buffer;
  const buffer = plan.buffer(value.pixels * value.channels * plan.width);
  copy(plan, rows, plan.naturalRows(buffer, value.pixels, value.channels), false);
  return buffer;
}
