/**
 * The dense form of a compiled network: the same operations with every circulant block written out, in real numbers.
 * Words become real by their formats: value = word / 2^fractionBits.
 *
 * @returns `{ shape, operations }`; a dense operation has `weights` of out x in, a conv2d `weights` of
 *   taps x out x in, both Float32Array; pictures are NHWC
 * @throws Error on an operation or activation that no shipped model has
 */
export function denseForm(model) {
  return { shape: model.input.shape, operations: model.operations.map(denseOperation) };
}

function denseOperation(operation) {
  const { op } = operation;
  if (op === "flatten" || op === "maxpool") return operation;
  if (op !== "dense" && op !== "conv2d") throw new Error(`dense form: expected dense, conv2d, maxpool, got ${op}`);
  const { kind } = operation.activation;
  if (kind !== "relu" && kind !== "identity") throw new Error(`dense form: expected relu or identity, got ${kind}`);
  const { kernel = [1, 1], stride = 1, pad = 0, height = 1, width = 1, format, out } = operation;
  return {
    op,
    in: operation.in,
    out,
    ...{ kernel, stride, pad, height, width },
    relu: kind === "relu",
    weights: expand(operation, kernel[0] * kernel[1]),
    bias: Float32Array.from(operation.bias, (word) => word * 2 ** -format.output),
  };
}

/** The taps of `out x in` real weights behind the halfcomplex spectra of the blocks. */
function expand({ in: inputs, out, k, weights, format }, taps) {
  const [p, q] = [Math.ceil(out / k), Math.ceil(inputs / k)];
  const dense = new Float32Array(taps * out * inputs);
  const unit = 2 ** -format.weight;
  const inverse = inverseTransform(k);
  for (let tap = 0, at = 0; tap < taps; tap++) {
    for (let i = 0; i < p; i++) {
      for (let j = 0; j < q; j++, at += k) {
        const column = inverse(weights, at, unit);
        const rows = Math.min(k, out - i * k);
        const columns = Math.min(k, inputs - j * k);
        for (let row = 0; row < rows; row++) {
          const to = (tap * out + i * k + row) * inputs + j * k;
          for (let c = 0; c < columns; c++) dense[to + c] = column[(row - c + k) % k];
        }
      }
    }
  }
  return dense;
}

/** The inverse DFT of k halfcomplex words at an offset, by its definition. */
function inverseTransform(k) {
  const cosines = Float64Array.from({ length: k }, (_, i) => Math.cos((2 * Math.PI * i) / k));
  const sines = Float64Array.from({ length: k }, (_, i) => Math.sin((2 * Math.PI * i) / k));
  return (words, at, unit) => {
    const column = new Float64Array(k);
    for (let n = 0; n < k; n++) {
      let sum = words[at];
      if (k > 1) sum += (n % 2 === 0 ? 1 : -1) * words[at + k / 2];
      for (let bin = 1; bin < k / 2; bin++) {
        const angle = (bin * n) % k;
        sum += 2 * (words[at + bin] * cosines[angle] - words[at + k - bin] * sines[angle]);
      }
      column[n] = (sum * unit) / k;
    }
    return column;
  };
}

/** Multiplications of one inference of the dense form. */
export function denseProducts({ operations }) {
  return operations.reduce((sum, operation) => {
    if (!operation.weights) return sum;
    const { rows, columns } = grid(operation);
    return sum + operation.weights.length * rows * columns;
  }, 0);
}

/** Rows and columns of the picture that an operation makes. */
export function grid({ height, width, kernel, stride, pad }) {
  const side = (length, window) => Math.floor((length + 2 * pad - window) / stride) + 1;
  return { rows: side(height, kernel[0]), columns: side(width, kernel[1]) };
}

/** The dense form in double precision: what every peer is held against. Returns all tensors, the input first. */
export function runDense({ operations }, input) {
  const tensors = [Float64Array.from(input)];
  for (const operation of operations) {
    const x = tensors[tensors.length - 1];
    if (operation.op === "flatten") tensors.push(x);
    else if (operation.op === "maxpool") tensors.push(maxpool(operation, x));
    else tensors.push(convolve(operation, x));
  }
  return tensors;
}

/** A dense layer is the convolution of one pixel. */
function convolve(operation, x) {
  const { in: inputs, out, weights, bias, relu } = operation;
  const { rows, columns } = grid(operation);
  const y = new Float64Array(rows * columns * out);
  for (let at = 0; at < y.length; at++) y[at] = bias[at % out];
  forEachTap(operation, (window, tap, pixel) => {
    for (let o = 0; o < out; o++) {
      const w = (tap * out + o) * inputs;
      let sum = 0;
      for (let c = 0; c < inputs; c++) sum += weights[w + c] * x[pixel * inputs + c];
      y[window * out + o] += sum;
    }
  });
  return relu ? y.map((value) => Math.max(0, value)) : y;
}

function maxpool(operation, x) {
  const { channels } = operation;
  const { rows, columns } = grid(operation);
  const y = new Float64Array(rows * columns * channels).fill(Number.NEGATIVE_INFINITY);
  forEachTap(operation, (window, _, pixel) => {
    for (let c = 0; c < channels; c++) {
      y[window * channels + c] = Math.max(y[window * channels + c], x[pixel * channels + c]);
    }
  });
  return y;
}

function forEachTap(operation, visit) {
  const { height, width, kernel, stride, pad } = operation;
  const { rows, columns } = grid(operation);
  for (let window = 0; window < rows * columns; window++) {
    const top = Math.floor(window / columns) * stride - pad;
    const left = (window % columns) * stride - pad;
    for (let tap = 0; tap < kernel[0] * kernel[1]; tap++) {
      const y = top + Math.floor(tap / kernel[1]);
      const x = left + (tap % kernel[1]);
      if (y >= 0 && y < height && x >= 0 && x < width) visit(window, tap, y * width + x);
    }
  }
}
