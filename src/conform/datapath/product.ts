import { blockGrid, type DenseLayer } from "../../layers/dense.ts";
import { multiplyAccumulate } from "../../layers/spectral.ts";
import { forEachTap, type Window, windowGrid } from "../../layers/window.ts";
import { requantiser } from "./arithmetic.ts";
import type { Datapath } from "./choices.ts";
import { arrangedTaps, arrangedWeights } from "./weights.ts";

/** The sums over taps and input blocks, of words where a datapath requantises before it sums. */
export function accumulateBlocks(datapath: Datapath, layer: DenseLayer & Window, spectra: Int16Array): Int32Array {
  const { k, kernel } = layer;
  const { p, q } = blockGrid(layer);
  const { rows, columns } = windowGrid(layer);
  const taps = arrangedTaps(datapath.taps, kernel);
  const weights = arrangedWeights(datapath.weights, layer, taps.length);
  const accumulators = new Int32Array(rows * columns * p * k);
  const requantise = requantiser(datapath.requantisation, datapath.clamps);
  const shift = Math.min(31, Math.max(0, layer.shift + datapath.extraShift));
  const term = new Int32Array(k);
  forEachTap(layer, (output, tap, pixel) => {
    for (let i = 0; i < p; i++) {
      for (let j = 0; j < q; j++) {
        const w = ((taps[tap] * p + i) * q + j) * k;
        const to = (output * p + i) * k;
        const from = (pixel * q + j) * k;
        if (datapath.accumulation === "wide") {
          multiplyAccumulate(accumulators, to, spectra, from, weights, w, k);
          continue;
        }
        term.fill(0);
        multiplyAccumulate(term, 0, spectra, from, weights, w, k);
        for (let n = 0; n < k; n++) accumulators[to + n] += requantise(term[n], shift);
      }
    }
  });
  return accumulators;
}
