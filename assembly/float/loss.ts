/**
 * Softmax cross-entropy with label smoothing. Row c of `logits` holds class c of all images; the gradient by the
 * logits, times `factor`, goes to `gradient`, laid out alike. The first `live` images count, the others get a gradient
 * of zero. `result` receives the sum of the losses and the number of images whose largest logit is the label.
 *
 * @param labels one byte an image
 * @param width  bytes of a row
 * @param result two f32
 */
export function crossEntropy(
  logits: usize, gradient: usize, labels: usize, classes: usize, width: usize, live: usize,
  smoothing: f32, factor: f32, result: usize,
): void {
  let total: f32 = 0, correct: f32 = 0;
  const rest: f32 = smoothing / <f32>classes, peak: f32 = 1 - smoothing + rest;
  for (let b: usize = 0; b < width >> 2; b++) {
    const column = logits + 4 * b, to = gradient + 4 * b, label: usize = load<u8>(labels + b);
    if (b >= live) {
      for (let c: usize = 0; c < classes; c++) store<f32>(to + c * width, 0);
      continue;
    }
    let best: usize = 0, top = load<f32>(column), sum: f32 = 0;
    for (let c: usize = 1; c < classes; c++) {
      const z = load<f32>(column + c * width);
      if (z > top) { top = z; best = c; }
    }
    for (let c: usize = 0; c < classes; c++) sum += Mathf.exp(load<f32>(column + c * width) - top);
    const logSum = Mathf.log(sum) + top;
    for (let c: usize = 0; c < classes; c++) {
      const z = load<f32>(column + c * width), target = c == label ? peak : rest;
      total += target * (logSum - z);
      store<f32>(to + c * width, (Mathf.exp(z - logSum) - target) * factor);
    }
    if (best == label) correct += 1;
  }
  store<f32>(result, total);
  store<f32>(result, correct, 4);
}

/**
 * Mixes in what a teacher answers (Hinton et al., 2015): the loss becomes (1 - weight) times what `crossEntropy` left,
 * plus weight temperature^2 times the divergence of the softmax of logits / temperature from the teacher's.
 *
 * @param gradient of `crossEntropy`, becomes that of the mixed loss; `result` likewise
 */
export function distil(
  logits: usize, teacher: usize, gradient: usize, classes: usize, width: usize, live: usize,
  weight: f32, temperature: f32, factor: f32, result: usize,
): void {
  const keep: f32 = 1 - weight, cool: f32 = 1 / temperature, share: f32 = weight * temperature;
  let total: f32 = 0;
  for (let b: usize = 0; b < live; b++) {
    const at = logits + 4 * b, other = teacher + 4 * b, to = gradient + 4 * b;
    const norm = logSum(at, classes, width, cool), otherNorm = logSum(other, classes, width, cool);
    for (let c: usize = 0; c < classes * width; c += width) {
      const z = load<f32>(at + c) * cool - norm, t = load<f32>(other + c) * cool - otherNorm;
      const p = Mathf.exp(z), q = Mathf.exp(t);
      total += q * (t - z);
      store<f32>(to + c, keep * load<f32>(to + c) + share * factor * (p - q));
    }
  }
  store<f32>(result, keep * load<f32>(result) + share * temperature * total);
}

/** log sum exp (cool z) over the classes of an image. */
function logSum(column: usize, classes: usize, width: usize, cool: f32): f32 {
  let top = load<f32>(column), sum: f32 = 0;
  for (let c: usize = 1; c < classes; c++) top = max(top, load<f32>(column + c * width));
  for (let c: usize = 0; c < classes; c++) sum += Mathf.exp((load<f32>(column + c * width) - top) * cool);
  return Mathf.log(sum) + top * cool;
}
