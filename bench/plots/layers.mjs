import { colourScale, draw, logAxis } from "./draw.mjs";

/** Microseconds of an item by case and contender; `circulant` is the binary that the engine chooses, words in, words out. */
export function drawLayers(file, { layers, node }, binary) {
  const ours = `circulant ${binary} words`;
  const values = layers.flatMap(({ name, contenders }) =>
    contenders
      .filter((one) => one.name === ours || one.ratios)
      .map((one) => ({ case: name, contender: one.name === ours ? "circulant" : one.name, us: one.median / 1000 })),
  );
  const names = [...new Set(values.map(({ contender }) => contender))];
  return draw(file, {
    title: `Time of an inference beside the dense form in the peers, one thread (Node ${node})`,
    width: 620,
    height: { step: 34 },
    data: { values },
    mark: { type: "point", filled: true, size: 90, opacity: 0.9 },
    encoding: {
      x: logAxis("us", "microseconds an item, logarithmic", { axis: { grid: true } }),
      y: { field: "case", type: "nominal", sort: layers.map(({ name }) => name), title: null, axis: { grid: true } },
      color: { field: "contender", type: "nominal", scale: colourScale(names), title: null },
      shape: {
        field: "contender",
        type: "nominal",
        title: null,
        scale: { domain: names, range: names.map(shapeOf) },
      },
    },
  });
}

function shapeOf(name) {
  if (name === "circulant") return "diamond";
  return { float32: "circle", dynamic: "square", QDQ: "triangle-up" }[name.split(" ").at(-1)];
}
