import { planFinish } from "./finish.ts";
import { under } from "./forward.ts";
import type { AddNode, DepthwiseNode, PoolNode } from "./graph.ts";
import type { Shape } from "./network.ts";
import { type Place, tapsOf } from "./parameters.ts";
import { copy, naturalGradientOf, type Plan, type Rows, type Value } from "./plan.ts";
import type { Laid } from "./product.ts";

/** A convolution of every channel by itself. */
export function planDepthwise(
  plan: Plan,
  node: DepthwiseNode & { readonly place: Place },
  from: Value,
  to: Value,
): Laid {
  const { kernels, width, memory, touch } = plan;
  const { channels, place } = node;
  const [weights, gradient] = [memory.parameters, memory.gradient].map((base) => base + 4 * place.weights);
  const pixels = node.output[0] * node.output[1];
  const x = naturalOf(from);
  const y = plan.naturalRows(plan.buffer(pixels * channels * width), pixels, channels);
  const finish = planFinish(plan, node, y, to);
  const windows = tabulate(plan, node, node.kernel);
  return {
    forward: () => {
      touch(x);
      touch(y);
      plan.run(() => {
        kernels.depthwise(weights, x.address, y.buffer.address, pixels, channels, width, windows.forwards);
      });
      finish.forward();
    },
    adopt: finish.adopt,
    backward: () => {
      const d = plan.naturalRows(plan.buffer(pixels * channels * width), pixels, channels);
      finish.backward(d);
      touch(x);
      plan.run(() => {
        const taps = [tapsOf(node), pixels, channels, width, windows.forwards, memory.sums];
        kernels.depthwiseGradient(d.buffer.address, x.address, gradient, ...taps);
      });
      if (!from.learns) return;
      const dx = contribute(plan, from);
      plan.run(() => {
        const { address } = dx.buffer;
        kernels.depthwise(weights, d.buffer.address, address, from.pixels, channels, width, windows.backwards);
      });
    },
  };
}

export function planPool(plan: Plan, node: PoolNode, from: Value, to: Value): Laid {
  const { kernels, width, touch } = plan;
  const row = from.channels * width;
  const x = naturalOf(from);
  const windows = tabulate(plan, node, node.window);
  const factor = 1 / (node.window[0] * node.window[1]);
  const y = plan.naturalRows(to.natural ?? plan.buffer(to.pixels * row), to.pixels, to.channels);
  const largest = node.op === "maxpool";
  return {
    forward: () => {
      touch(x);
      touch(y);
      plan.run(() => {
        const { address } = y.buffer;
        if (largest) kernels.maxPool(x.address, address, to.pixels, row, windows.forwards);
        else kernels.sumPool(x.address, address, to.pixels, row, windows.forwards, factor);
      });
      if (!to.natural) copy(plan, y, to.primary, false);
    },
    backward: () => {
      if (!from.learns) return;
      const d = naturalGradientOf(plan, to);
      const dx = contribute(plan, from);
      touch(x);
      touch(y);
      plan.run(() => {
        const address = dx.buffer.address;
        if (largest) {
          kernels.clear(address, from.pixels * row);
          kernels.maxPoolBack(x.address, y.buffer.address, d.address, address, to.pixels, row, windows.forwards);
        } else {
          kernels.sumPool(d.address, address, from.pixels, row, windows.backwards, factor);
        }
      });
    },
  };
}

export function planAdd(plan: Plan, node: AddNode, inputs: readonly Value[], to: Value): Laid {
  const { kernels, width, touch } = plan;
  const [a, b] = inputs.map(naturalOf);
  const bytes = to.pixels * to.channels * width;
  const y = plan.naturalRows(to.natural ?? plan.buffer(bytes), to.pixels, to.channels);
  const relu = node.activation === "relu";
  return {
    forward: () => {
      touch(a);
      touch(b);
      touch(y);
      plan.run(() => kernels.addPictures(a.address, b.address, y.buffer.address, bytes, relu ? 1 : 0));
      if (!to.natural) copy(plan, y, to.primary, false);
    },
    adopt: () => {
      if (!to.natural) copy(plan, to.primary, y, false);
    },
    backward: () => {
      const d = naturalGradientOf(plan, to);
      const dx = relu ? plan.buffer(bytes) : d;
      if (relu) {
        touch(y);
        plan.run(() => kernels.maskPicture(y.buffer.address, d.address, dx.address, bytes));
      }
      for (const value of inputs) {
        if (value.learns) value.gradients.push(plan.naturalRows(dx, to.pixels, to.channels));
      }
    },
  };
}

/** Adds a fresh buffer to what makes up a value's gradient. */
function contribute(plan: Plan, value: Value): Rows {
  const { pixels, channels } = value;
  const rows = plan.naturalRows(plan.buffer(pixels * channels * plan.width), pixels, channels);
  value.gradients.push(rows);
  return rows;
}

/** The windows of a sliding operation as the kernels read them: of every output pixel, and of every input pixel. */
function tabulate(
  plan: Plan,
  node: { readonly stride: number; readonly pad: number; readonly from: Shape; readonly output: Shape },
  window: readonly [number, number],
): { readonly forwards: number; readonly backwards: number } {
  const { stride, pad, from, output } = node;
  const row = from[2] * plan.width;
  const forwards: number[] = [];
  const found: number[][] = Array.from({ length: from[0] * from[1] }, () => []);
  for (let pixel = 0; pixel < output[0] * output[1]; pixel++) {
    const places = [...under(window, stride, pad, from, [Math.floor(pixel / output[1]), pixel % output[1]])];
    forwards.push(places.length, ...places.flatMap(({ tap, pixel: at }) => [at * row, tap * from[2]]));
    for (const { tap, pixel: at } of places) found[at].push(pixel * row, tap * from[2]);
  }
  const backwards = found.flatMap((list) => [list.length / 2, ...list]);
  return { forwards: plan.arena.table(forwards), backwards: plan.arena.table(backwards) };
}

function naturalOf({ natural }: Value) {
  if (natural === undefined) throw new Error("expected a tensor in natural order");
  return natural;
}
