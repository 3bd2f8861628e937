import { draw, logAxis } from "./draw.mjs";

/** Nanoseconds of a row against its length. */
export function drawTransforms(file, { transforms, node }) {
  const values = transforms.flatMap(({ k, contenders }) =>
    contenders.map(({ name, median }) => ({ k, transform: name, ns: median })),
  );
  return draw(file, {
    title: `Forward transform of real rows, 32 a call, one thread (Node ${node})`,
    width: 520,
    height: 380,
    data: { values },
    mark: { type: "line", point: true },
    encoding: {
      x: logAxis("k", "k, words of a row", { base: 2, axis: { format: "d", values: transforms.map(({ k }) => k) } }),
      y: logAxis("ns", "nanoseconds a row, logarithmic"),
      color: { field: "transform", type: "nominal", title: null, scale: { scheme: "tableau10" } },
    },
  });
}
