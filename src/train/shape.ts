import { invalid } from "./fields.ts";
import type { Extent, LayerConfig } from "./layers.ts";
import type { Shape } from "./network.ts";

/**
 * The shape that layers make of a shape.
 *
 * @throws OptionError naming the layer that does not fit
 */
export function shapeAfter(layers: readonly LayerConfig[], input: Shape, name = "layers"): Shape {
  return layers.reduce<Shape>((shape, layer, index) => shapeOf(layer, shape, `${name}[${index}]`), input);
}

function shapeOf(layer: LayerConfig, input: Shape, name: string): Shape {
  const [height, width, channels] = input;
  switch (layer.op) {
    case "conv2d":
      return [...slid(input, layer.kernel, layer.stride, layer.pad, `${name}.kernel`), layer.out];
    case "depthwise":
      return [...slid(input, layer.kernel, layer.stride, layer.pad, `${name}.kernel`), channels];
    case "maxpool":
      return [...slid(input, layer.window, layer.stride, layer.pad, `${name}.window`), channels];
    case "avgpool":
      checkMean(layer.window, `${name}.window`);
      return [...slid(input, layer.window, layer.stride, 0, `${name}.window`), channels];
    case "globalavgpool":
      checkMean([height, width], name);
      return [1, 1, channels];
    case "flatten":
      return [1, 1, height * width * channels];
    case "dense":
      if (height !== 1 || width !== 1) throw invalid(name, "a flatten before a dense layer", input);
      return [1, 1, layer.out];
    case "residual": {
      const sum = shapeAfter(layer.layers, input, `${name}.layers`);
      const other = shapeAfter(layer.shortcut, input, `${name}.shortcut`);
      if (sum.join() === other.join()) return sum;
      throw invalid(`${name}.shortcut`, `the shape ${sum.join(" x ")} of its layers`, other.join(" x "));
    }
  }
}

/** Most pixels of a mean: a deployed one multiplies by a rounded reciprocal. @see docs/arithmetic.md, section 8 */
const MOST_MEAN = 1024;

function checkMean([rows, columns]: Extent, name: string): void {
  if (rows * columns > MOST_MEAN) throw invalid(name, `a mean of at most ${MOST_MEAN} pixels`, `${rows} x ${columns}`);
}

/** Height and width behind something that slides over the picture. */
function slid([height, width]: Shape, [rows, columns]: Extent, stride: number, pad: number, name: string): Extent {
  if (rows > height + 2 * pad || columns > width + 2 * pad) {
    const most = `at most ${height + 2 * pad} x ${width + 2 * pad}, the padded picture`;
    throw invalid(name, most, `${rows} x ${columns}`);
  }
  return [Math.floor((height + 2 * pad - rows) / stride) + 1, Math.floor((width + 2 * pad - columns) / stride) + 1];
}
