import { OptionError } from "../errors.ts";
import { dense } from "../layers/dense.ts";
import { indexOfLargest } from "../layers/largest.ts";
import { quantiseInput } from "../model/input.ts";
import type { Model, ModelLayer } from "../model/model.ts";
import { proveNoWrap } from "../model/prove.ts";
import type { FloatNetwork } from "../train/network.ts";
import { calibrate, type LayerCalibration } from "./calibrate.ts";
import { checkNetwork } from "./check.ts";
import { correctBias, finishWords } from "./correct.ts";
import { type LayerPlan, planLayer } from "./formats.ts";
import { type LayerReport, measureLayer } from "./measure.ts";
import { quantise } from "./signal.ts";
import { type SpectralLayer, transformWeights } from "./spectra.ts";

/** What can be asked of the compiler. */
export interface CompileOptions {
  /** How many times larger than on the calibration inputs words may become without saturation. Default 1.25. */
  readonly margin?: number;
  /** Take the mean error of the pre-activations out of the biases. Default true. */
  readonly correctBias?: boolean;
  /** Called after each layer with the number done. */
  readonly onLayer?: (done: number) => void;
}

/** What the compiler chose and how the model does on the calibration inputs. */
export interface CompileReport {
  /** Number of calibration inputs. */
  readonly calibration: number;
  readonly margin: number;
  readonly inputBits: number;
  readonly layers: readonly LayerReport[];
  /** Share of the calibration inputs whose largest output is the float network's. */
  readonly agreement: number;
}

/**
 * Compiles a trained network to 16-bit fixed point.
 *
 * The passes, in order: check, spectra of the weights, calibration; then layer by layer, on the words that the
 * compiled layers before make: formats, quantisation, bias correction, proof, measurement. The same network, inputs
 * and options give the same model.
 *
 * @param calibration inputs of `network.input.size` real values each; some hundreds that are like those to come
 * @throws ShapeError if a tensor does not fit
 * @throws InputError if a value is not finite
 * @throws OptionError if an option or a block size does not hold
 * @throws OverflowError if no format keeps the accumulators of a layer from wrapping
 * @see docs/compiler.md
 */
export function compile(
  network: FloatNetwork,
  calibration: readonly Float32Array[],
  options: CompileOptions = {},
): { readonly model: Model; readonly report: CompileReport } {
  const { margin = 1.25, correctBias: corrects = true } = options;
  if (!(margin >= 1 && margin <= 16)) {
    throw new OptionError(`margin: expected a number from 1 to 16, got ${margin}`, { option: "margin" });
  }
  checkNetwork(network, calibration);
  const exact = transformWeights(network);
  const float = calibrate(network.input, exact, calibration);
  const { shape, mean, deviation } = network.input;
  const input = { shape, fractionBits: float.inputBits, mean, deviation };

  const layers: ModelLayer[] = [];
  const reports: LayerReport[] = [];
  let words: readonly Int16Array[] = calibration.map((x) => quantiseInput(input, x));
  for (const [i, layer] of exact.entries()) {
    const bits = layers.at(-1)?.format.output ?? input.fractionBits;
    const plan = planLayer({ ...layer, name: layerName(i) }, words, bits, margin);
    const made = makeLayer(layer, layerName(i), plan, words, float.layers[i], corrects);
    layers.push(made.layer);
    reports.push(made.report);
    words = made.outputs;
    options.onLayer?.(i + 1);
  }
  const model = { input, layers, labels: network.labels ?? [] };
  const outputs = float.layers[float.layers.length - 1].outputs;
  const agreement =
    words.filter((output, n) => indexOfLargest(output) === indexOfLargest(outputs[n])).length / words.length;
  return {
    model,
    report: { calibration: calibration.length, margin, inputBits: input.fractionBits, layers: reports, agreement },
  };
}

function layerName(i: number): string {
  return `dense${i + 1}`;
}

/** The passes from the plan of a layer to its report. */
function makeLayer(
  exact: SpectralLayer,
  name: string,
  plan: LayerPlan,
  inputs: readonly Int16Array[],
  calibration: LayerCalibration,
  corrects: boolean,
): { readonly layer: ModelLayer; readonly report: LayerReport; readonly outputs: readonly Int16Array[] } {
  const quantised = quantiseLayer(exact, name, plan);
  const traces = inputs.map((x) => dense(quantised, x));
  const transforms = traces.map((trace) => trace.transforms);
  const correction = correctBias(quantised, transforms, calibration.preActivations);
  const layer = corrects ? correction.layer : quantised;
  const bound = proveNoWrap(layer);
  const outputs = transforms.map((tensor) => finishWords(layer, tensor));
  const report = measureLayer({ exact, layer, plan, calibration, correction, bound }, inputs, traces, outputs);
  return { layer, report, outputs };
}

/** Pass: the layer in the formats of its plan. */
function quantiseLayer(layer: SpectralLayer, name: string, plan: LayerPlan): ModelLayer {
  const { format, forward, inverse, shift, weights } = plan;
  return {
    name,
    in: layer.in,
    out: layer.out,
    k: layer.k,
    forward,
    inverse,
    shift,
    activation: { kind: layer.activation },
    weights,
    bias: Int16Array.from(layer.bias, (value) => quantise(value, format.output)),
    format,
  };
}
