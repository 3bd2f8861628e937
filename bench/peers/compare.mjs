import { ownContenders } from "./circulant.mjs";
import { denseForm, denseProducts, runDense } from "./dense-form.mjs";
import { onnxruntimeContenders } from "./onnxruntime.mjs";
import { interleave, report } from "./rounds.mjs";
import { tfjsContender } from "./tfjs.mjs";

/** Most relative error (RMS of the difference by RMS of the exact answer) by form; see `errorOf`. */
const TOLERANCE = { float32: 1e-4, "int8 dynamic": 0.15, "int8 QDQ": 0.15 };

/** Times a case of `cases.mjs` against every peer. Throws if one of them answers wrongly. */
export async function compareCase({ name, batch, load }, modules, budgetMs) {
  const { model, reals, feed, feeds } = load();
  const dense = denseForm(model);
  const size = reals.length / batch;
  const runs = Array.from({ length: batch }, (_, n) => runDense(dense, reals.subarray(n * size, (n + 1) * size)));
  const exact = Float64Array.from(runs.flatMap((tensors) => [...tensors[tensors.length - 1]]));
  const contenders = [
    ...ownContenders(model, modules, { feed, reals, batch }),
    ...(await onnxruntimeContenders(dense, { reals, batch, ranges: rangesOf(runs) })),
    await tfjsContender(dense, { reals, batch }),
  ];
  const errors = new Map();
  for (const { name, answer } of contenders) if (answer) errors.set(name, errorOf(name, await answer(), exact));
  const timed = await interleave(contenders, { budgetMs });
  for (const { release } of contenders) await release?.();
  return {
    name,
    batch,
    feeds,
    products: denseProducts(dense),
    contenders: timed.map((one) => ({ ...report(one, timed), error: errors.get(one.name) })),
  };
}

/** The relative error of an answer. Ours is told, not judged: its words were compared with the reference's. */
function errorOf(name, answer, exact) {
  let difference = 0;
  let power = 0;
  for (let i = 0; i < exact.length; i++) {
    difference += (answer[i] - exact[i]) ** 2;
    power += exact[i] ** 2;
  }
  const error = Math.sqrt(difference / power);
  const form = Object.keys(TOLERANCE).find((form) => name.endsWith(form));
  if (answer.length !== exact.length || (form && !(error <= TOLERANCE[form]))) {
    throw new Error(`${name}: expected an error of at most ${TOLERANCE[form]}, got ${error}`);
  }
  return error;
}

/** Least and largest value of each tensor over the inputs. */
function rangesOf(runs) {
  return runs[0].map((_, tensor) => {
    const values = runs.map((tensors) => tensors[tensor]);
    const over = (choose, start) => values.reduce((a, x) => x.reduce((b, value) => choose(b, value), a), start);
    return [over(Math.min, Number.POSITIVE_INFINITY), over(Math.max, Number.NEGATIVE_INFINITY)];
  });
}
