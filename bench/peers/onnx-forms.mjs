import { grid } from "./dense-form.mjs";
import { graphWriter } from "./onnx.mjs";

/** The forms of a dense network that onnxruntime is timed with. */
export const FORMS = ["float32", "int8 dynamic", "int8 QDQ"];

/**
 * A dense form as an ONNX file. Pictures are NCHW there: the columns of a dense layer behind pictures are permuted.
 *
 * - `float32`: Gemm, Conv
 * - `int8 dynamic`: what onnxruntime's `quantize_dynamic` makes: DynamicQuantizeLinear, MatMulInteger, ConvInteger;
 *   weights int8 for products and uint8 for convolutions, one scale a tensor
 * - `int8 QDQ`: what its `quantize_static` makes: activations uint8 by the least and the largest value in `ranges`,
 *   weights int8 with one scale a tensor, biases int32
 *
 * @param ranges for each tensor its least and largest value; only `int8 QDQ` reads it
 */
export function onnxForm({ shape, operations }, form, batch, ranges) {
  const writer = graphWriter();
  const emit = { float32: emitFloat, "int8 dynamic": emitDynamic, "int8 QDQ": emitQdq }[form](writer, ranges);
  const isPicture = operations.some(({ op }) => op === "conv2d");
  const [height, width, channels] = shape;
  const inputDims = isPicture ? [batch, channels, height, width] : [batch, height * width * channels];
  let tensor = emit.begin("input");
  let picture = isPicture ? shape : undefined;
  let outputs = 0;
  for (const [i, operation] of operations.entries()) {
    if (operation.op === "flatten") {
      if (picture) tensor = emit.plain("Flatten", tensor, {}, i);
      continue;
    }
    if (operation.op === "dense") {
      tensor = emit.dense(tensor, { ...operation, weights: columnsOf(operation, picture) }, i);
      picture = undefined;
      outputs = operation.out;
      continue;
    }
    const { kernel, stride, pad, out, channels } = operation;
    const window = { kernel_shape: [...kernel], strides: [stride, stride], pads: [pad, pad, pad, pad] };
    if (operation.op === "maxpool") tensor = emit.plain("MaxPool", tensor, window, i);
    else tensor = emit.conv(tensor, { ...operation, weights: tapsLast(operation) }, window, i);
    const { rows, columns } = grid(operation);
    picture = [rows, columns, out ?? channels];
  }
  return writer.finish(inputDims, emit.end(tensor), [batch, outputs]);
}

/** Weights in x out; rows are in the order of NCHW if the input was a picture. */
export function columnsOf({ in: inputs, out, weights }, picture) {
  const [height, width, channels] = picture ?? [1, 1, inputs];
  const moved = new Float32Array(weights.length);
  for (let pixel = 0, from = 0; pixel < height * width; pixel++) {
    for (let c = 0; c < channels; c++, from++) {
      const to = (c * height * width + pixel) * out;
      for (let o = 0; o < out; o++) moved[to + o] = weights[o * inputs + from];
    }
  }
  return moved;
}

/** Weights out x in x taps. */
function tapsLast({ in: inputs, out, kernel, weights }) {
  const taps = kernel[0] * kernel[1];
  return Float32Array.from(weights, (_, at) => weights[(at % taps) * out * inputs + Math.floor(at / taps)]);
}

function emitFloat(writer) {
  const finish = (tensor, { relu }) => (relu ? writer.node("Relu", [tensor]) : tensor);
  return {
    begin: (tensor) => tensor,
    end: (tensor) => tensor,
    plain: (op, tensor, attributes) => writer.node(op, [tensor], attributes),
    dense(tensor, operation) {
      const { in: inputs, out, weights, bias } = operation;
      const operands = [writer.constant("float32", [inputs, out], weights), writer.constant("float32", [out], bias)];
      return finish(writer.node("Gemm", [tensor, ...operands]), operation);
    },
    conv(tensor, operation, window) {
      const { in: inputs, out, kernel, weights, bias } = operation;
      const operands = [
        writer.constant("float32", [out, inputs, ...kernel], weights),
        writer.constant("float32", [out], bias),
      ];
      return finish(writer.node("Conv", [tensor, ...operands], window), operation);
    },
  };
}

function emitDynamic(writer) {
  const scalar = (type, value) => writer.constant(type, [], value);
  const finish = (sums, scales, bias, { relu }) => {
    const real = writer.node("Mul", [writer.node("Cast", [sums], { to: 1 }), writer.node("Mul", scales)]);
    const sum = writer.node("Add", [real, bias]);
    return relu ? writer.node("Relu", [sum]) : sum;
  };
  const product = (op, tensor, weights, zero, attributes) => {
    const [words, scale, zeroPoint] = writer.node("DynamicQuantizeLinear", [tensor], {}, 3);
    return { sums: writer.node(op, [words, weights, zeroPoint, zero], attributes), scale };
  };
  return {
    begin: (tensor) => tensor,
    end: (tensor) => tensor,
    plain: (op, tensor, attributes) => writer.node(op, [tensor], attributes),
    dense(tensor, operation) {
      const { in: inputs, out, weights, bias } = operation;
      const { words, scale } = signedWords(weights);
      const { sums, scale: inputScale } = product(
        "MatMulInteger",
        tensor,
        writer.constant("int8", [inputs, out], words),
        scalar("int8", Int8Array.of(0)),
      );
      const scales = [inputScale, writer.constant("float32", [1], Float32Array.of(scale))];
      return finish(sums, scales, writer.constant("float32", [out], bias), operation);
    },
    conv(tensor, operation, window) {
      const { in: inputs, out, kernel, weights, bias } = operation;
      const { words, scale } = signedWords(weights);
      const unsigned = Uint8Array.from(words, (word) => word + 128);
      const { sums, scale: inputScale } = product(
        "ConvInteger",
        tensor,
        writer.constant("uint8", [out, inputs, ...kernel], unsigned),
        scalar("uint8", Uint8Array.of(128)),
        window,
      );
      const scales = [inputScale, writer.constant("float32", [1], Float32Array.of(scale))];
      return finish(sums, scales, writer.constant("float32", [1, out, 1, 1], bias), operation);
    },
  };
}

function emitQdq(writer, ranges) {
  const real = (value) => writer.constant("float32", [], Float32Array.of(value));
  const quantised = (tensor, range) => {
    const { scale, zero } = unsignedScale(range);
    const format = [real(scale), writer.constant("uint8", [], Uint8Array.of(zero))];
    const words = writer.node("QuantizeLinear", [tensor, ...format]);
    return writer.node("DequantizeLinear", [words, ...format]);
  };
  const operands = ({ weights, bias }, dims, i) => {
    const { words, scale } = signedWords(weights);
    const biasScale = unsignedScale(ranges[i]).scale * scale;
    const biasWords = Int32Array.from(bias, (value) => Math.round(value / biasScale));
    const zero = writer.constant("int8", [], Int8Array.of(0));
    return [
      writer.node("DequantizeLinear", [writer.constant("int8", dims, words), real(scale), zero]),
      writer.node("DequantizeLinear", [writer.constant("int32", [bias.length], biasWords), real(biasScale)]),
    ];
  };
  const finish = (tensor, { relu }, i) => quantised(relu ? writer.node("Relu", [tensor]) : tensor, ranges[i + 1]);
  return {
    begin: (tensor) => quantised(tensor, ranges[0]),
    end: (tensor) => tensor,
    plain: (op, tensor, attributes, i) => quantised(writer.node(op, [tensor], attributes), ranges[i + 1]),
    dense(tensor, operation, i) {
      const dims = [operation.in, operation.out];
      return finish(writer.node("Gemm", [tensor, ...operands(operation, dims, i)]), operation, i);
    },
    conv(tensor, operation, window, i) {
      const dims = [operation.out, operation.in, ...operation.kernel];
      return finish(writer.node("Conv", [tensor, ...operands(operation, dims, i)], window), operation, i);
    },
  };
}

function signedWords(values) {
  const peak = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const scale = peak / 127;
  return { scale, words: Int8Array.from(values, (value) => Math.round(value / scale)) };
}

/** Zero is always exact. */
function unsignedScale([least, most]) {
  const [low, high] = [Math.min(0, least), Math.max(0, most)];
  const scale = (high - low) / 255;
  return { scale, zero: Math.round(-low / scale) };
}
