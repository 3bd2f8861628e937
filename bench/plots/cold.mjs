import { draw } from "./draw.mjs";

const STAGES = ["import", "load", "run"];

/** Milliseconds of import, load and first inference. */
export function drawCold(file, { cold, node }) {
  const values = cold.flatMap(({ name, median }) =>
    STAGES.map((stage, order) => ({ name, stage, order, ms: median[stage] })),
  );
  return draw(file, {
    title: `From the first line of a script to the first answer of the MNIST MLP (Node ${node})`,
    width: 560,
    height: { step: 30 },
    data: { values },
    mark: "bar",
    encoding: {
      x: { field: "ms", type: "quantitative", title: "milliseconds, medians of fresh processes" },
      y: { field: "name", type: "nominal", sort: cold.map(({ name }) => name), title: null },
      color: {
        field: "stage",
        type: "nominal",
        title: null,
        scale: { domain: STAGES, range: ["#56b4e9", "#0072b2", "#e69f00"] },
      },
      order: { field: "order" },
    },
  });
}
