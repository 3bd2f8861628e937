import type { FloatNetwork } from "../train/network.ts";
import { fittingBits, peakOf } from "./signal.ts";
import { activateExactly, addBias, type ExactTrace, padBlocks, type SpectralLayer, traceExactly } from "./spectra.ts";

/** Values that a quantile is taken from, about. */
const SAMPLES = 100_000;

/** How large the magnitudes of a tensor are. */
export interface Range {
  readonly peak: number;
  /** Exceeded by one value in a thousand. */
  readonly most: number;
}

/** What one layer of the float network does on the calibration inputs. */
export interface LayerCalibration {
  readonly ranges: {
    readonly inputs: Range;
    readonly spectra: Range;
    readonly products: Range;
    readonly preActivations: Range;
    readonly outputs: Range;
  };
  /** `out` values for each input, before the activation. */
  readonly preActivations: readonly Float64Array[];
  readonly outputs: readonly Float64Array[];
}

/** What the float network does on the calibration inputs. */
export interface Calibration {
  /** Fractional bits with which the inputs, and every pixel from 0 to 255, are words. */
  readonly inputBits: number;
  readonly layers: readonly LayerCalibration[];
}

/** Pass: runs the float network, in double precision, on the calibration inputs and notes the ranges of its values. */
export function calibrate(
  input: FloatNetwork["input"],
  layers: readonly SpectralLayer[],
  inputs: readonly Float32Array[],
): Calibration {
  const pixels = [0, 1].map((pixel) => (pixel - input.mean) / input.deviation);
  const found: LayerCalibration[] = [];
  let values: readonly Float64Array[] = inputs.map((x) => Float64Array.from(x));
  for (const layer of layers) {
    const calibration = calibrateLayer(layer, values);
    found.push(calibration);
    values = calibration.outputs;
  }
  return { inputBits: fittingBits(peakOf([pixels, ...inputs])), layers: found };
}

function calibrateLayer(layer: SpectralLayer, inputs: readonly Float64Array[]): LayerCalibration {
  const traces: readonly ExactTrace[] = inputs.map((x) => traceExactly(layer, padBlocks(x, layer)));
  const preActivations = traces.map(({ transforms }) => addBias(layer, transforms));
  const outputs = preActivations.map((z) => activateExactly(layer, z));
  return {
    ranges: {
      inputs: rangeOf(inputs),
      spectra: rangeOf(traces.map(({ spectra }) => spectra)),
      products: rangeOf(traces.map(({ products }) => products)),
      preActivations: rangeOf(preActivations),
      outputs: rangeOf(outputs),
    },
    preActivations,
    outputs,
  };
}

function rangeOf(tensors: readonly Float64Array[]): Range {
  const every = Math.ceil(tensors.reduce((sum, tensor) => sum + tensor.length, 0) / SAMPLES);
  const samples = tensors.flatMap((tensor) =>
    Array.from(
      tensor.filter((_, i) => i % every === 0),
      Math.abs,
    ),
  );
  const sorted = Float64Array.from(samples).sort();
  return { peak: peakOf(tensors), most: sorted[Math.floor((sorted.length - 1) * 0.999)] };
}
