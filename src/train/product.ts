import { planFinish } from "./finish.ts";
import type { ProductNode } from "./graph.ts";
import { bitReversal, rowStride } from "./layout.ts";
import { type Place, tapsOf } from "./parameters.ts";
import { type Plan, rowsOf, type Value } from "./plan.ts";
import { areas, backwardRuns, forwardRuns, tapPlaces } from "./runs.ts";

/** An operation laid out: what must be done around the passes, and the passes to lay out. */
export interface Laid {
  readonly forward: () => void;
  /** Once its tensor is overwritten: what the gradient takes of it beside the tensor itself. */
  readonly adopt?: () => void;
  readonly backward: () => void;
  /** After the parameters have changed. */
  readonly prepare?: () => void;
  /** Before the first backward pass of a sum of gradients, and after the last. */
  readonly clear?: () => void;
  readonly collect?: () => void;
}

/**
 * A dense layer or a convolution. The gradient enters its transform backwards in time, which conjugates its spectrum:
 * so the product with the transposed weights is the plain product, and its result comes out backwards in time again.
 */
export function planProduct(plan: Plan, node: ProductNode & { readonly place: Place }, from: Value, to: Value): Laid {
  const { kernels, arena, width, memory, touch } = plan;
  const { k, p, q } = node;
  const taps = tapsOf(node);
  const log2 = Math.log2(k);
  const weights = planWeights(plan, node, from.learns);
  const layout = plan.layout(k, node.output[0] * node.output[1], node.out);
  const y = { layout, buffer: plan.buffer(layout.bytes) };
  const finish = planFinish(plan, node, rowsOf(y, layout.forwards), to);
  const runs = arena.table(forwardRuns(node, width));
  const [inPixels, row] = [node.from[0] * node.from[1], 4 * taps * q];
  const spectra = from.spectra.find(({ layout: one }) => one.k === k && one.channels === node.in);
  const x = k > 1 ? spectra?.buffer : from.natural;
  if (x === undefined) throw new Error(`${node.name}: no input for blocks of ${k}`);
  const xStride = spectra && k > 1 ? spectra.layout.stride : 0;

  const forward = () => {
    touch(x);
    touch(y.buffer);
    plan.run(() => {
      const product = y.buffer.address;
      kernels.multiply(
        ...[k, weights.spectra, weights.stride, row, 4, x.address, xStride],
        ...[product, layout.stride, p, width, layout.pixels, runs],
      );
      kernels.inverseTransform(product, log2, layout.stride, layout.rowBytes, memory.twiddles);
    });
    finish.forward();
  };

  const backward = () => {
    const d = plan.buffer(layout.bytes);
    finish.backward(rowsOf({ layout, buffer: d }, layout.backwards));
    touch(x);
    const { table, count } = areas(node, width);
    const list = arena.table(table);
    const { backPads } = layout;
    plan.run(() => {
      kernels.clearRows(d.address, backPads.table, layout.pixel, layout.pixels, backPads.count, width);
      kernels.forwardTransform(d.address, log2, layout.stride, layout.rowBytes, memory.twiddles);
      kernels.correlate(
        ...[k, d.address, layout.stride, x.address, xStride, weights.gradient, weights.stride, row],
        ...[p, width, list, count],
      );
    });
    if (!from.learns) return;
    const input = plan.layout(k, inPixels, node.in);
    const dx = plan.buffer(input.bytes);
    const { transposed } = weights;
    const back = arena.table(backwardRuns(node, width, transposed.column));
    plan.run(() => {
      kernels.multiply(
        ...[k, transposed.address, transposed.stride, transposed.row, transposed.column],
        ...[d.address, layout.stride, dx.address, input.stride, q, width, inPixels, back],
      );
      kernels.inverseTransform(dx.address, log2, input.stride, input.rowBytes, memory.twiddles);
    });
    from.gradients.push(rowsOf({ layout: input, buffer: dx }, input.backwards));
  };

  return { ...weights, forward, adopt: finish.adopt, backward };
}

/** The spectra of the weights, by rows i and by rows j, and of their gradient; with k = 1 the parameters themselves. */
function planWeights(plan: Plan, node: ProductNode & { readonly place: Place }, transposes: boolean) {
  const { kernels, arena, memory } = plan;
  const { k, p, q, place } = node;
  const taps = tapsOf(node);
  const log2 = Math.log2(k);
  const bytes = 4 * place.rowWords;
  const stride = rowStride(k, bytes);
  const parameters = memory.parameters + 4 * place.weights;
  const gradientWords = memory.gradient + 4 * place.weights;
  const spectra = k === 1 ? parameters : arena.take(k * stride);
  const gradient = k === 1 ? gradientWords : arena.take(k * stride);
  const order = arena.table(bitReversal(log2));
  const places = arena.table(tapPlaces(node));
  const copies = transposes && taps > 1;
  const transposed = copies
    ? { address: arena.take(k * stride), stride, row: 4 * taps * p, column: 4 }
    : { address: spectra, stride, row: 4, column: 4 * q };

  const prepare = () => {
    if (k > 1) {
      kernels.permuteRows(spectra, stride, parameters, bytes, order, k, bytes, 1 / k);
      kernels.forwardTransform(spectra, log2, stride, bytes, memory.twiddles);
    }
    if (copies) kernels.transposeTaps(spectra, stride, transposed.address, stride, k, p, q, taps, places);
  };
  const clear = () => {
    if (k > 1) kernels.clear(gradient, k * stride);
  };
  const collect = () => {
    if (k === 1) return;
    kernels.inverseTransform(gradient, log2, stride, bytes, memory.twiddles);
    kernels.permuteRows(gradientWords, bytes, gradient, stride, order, k, bytes, 1 / k);
  };
  return { spectra, gradient, stride, transposed, prepare, clear, collect };
}
