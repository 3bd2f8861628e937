import { draw, logAxis } from "./draw.mjs";

/** Images a second of training. */
export function drawTraining(file, { training, node }) {
  const values = training.map(({ name, rate }) => ({ name, rate, ours: name.startsWith("circulant,") }));
  return draw(file, {
    title: `Training of the MNIST MLP, batches of 128 (Node ${node})`,
    width: 520,
    height: { step: 30 },
    data: { values },
    mark: { type: "point", filled: true, size: 120 },
    encoding: {
      x: logAxis("rate", "images a second, logarithmic", { axis: { grid: true } }),
      y: { field: "name", type: "nominal", sort: training.map(({ name }) => name), title: null, axis: { grid: true } },
      color: {
        field: "ours",
        type: "nominal",
        legend: null,
        scale: { domain: [true, false], range: ["#000000", "#0072b2"] },
      },
    },
  });
}
