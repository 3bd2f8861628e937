import { draw } from "./draw.mjs";

const RIVALS = {
  "onnxruntime-web, the faster of float32 and int8": (side) => fastest(side.dense, "onnxruntime-web"),
  "onnxruntime-node, the faster of float32 and int8": (side) => fastest(side.dense, "onnxruntime-node"),
  "circulant k = 1, a plain matrix of 16-bit words": (side) => side.own.find(({ k }) => k === 1)?.p10,
};

function fastest(dense, runtime) {
  const times = dense.filter(({ name }) => name.startsWith(runtime)).map(({ p10 }) => p10);
  return times.length === 0 ? undefined : Math.min(...times);
}

/** For every n, k and rival how many times longer the dense layer takes; below 1 the dense layer wins. */
export function borderCells({ sides }) {
  return Object.entries(RIVALS).flatMap(([rival, timeOf]) =>
    sides.flatMap((side) => {
      const dense = timeOf(side);
      if (dense === undefined) return [];
      const own = side.own.filter(({ k }) => !rival.startsWith("circulant") || k > 1);
      return own.map(({ k, p10 }) => ({ rival, n: side.n, k, ratio: dense / p10 }));
    }),
  );
}

/** The map of who wins. */
export function drawBorder(file, { scaling, node }) {
  const values = borderCells(scaling).map((cell) => ({
    ...cell,
    log: Math.max(-2, Math.min(5, Math.log2(cell.ratio))),
    text: cell.ratio >= 10 ? cell.ratio.toFixed(0) : cell.ratio.toFixed(1),
  }));
  const axis = { type: "ordinal", axis: { labelAngle: 0 } };
  const panel = (rival) => ({
    title: { text: `against ${rival}`, fontSize: 12, offset: 4 },
    width: { step: 40 },
    height: { step: 24 },
    data: { values: values.filter((cell) => cell.rival === rival) },
    encoding: {
      x: { field: "k", ...axis, title: "k, block size" },
      y: { field: "n", ...axis, title: "n", sort: "descending" },
    },
    layer: [
      {
        mark: { type: "rect", stroke: "white" },
        encoding: {
          color: {
            field: "log",
            type: "quantitative",
            scale: { domain: [-2, 0, 5], range: ["#d55e00", "#ffffff", "#0072b2"], interpolate: "rgb" },
            legend: null,
          },
        },
      },
      {
        mark: { type: "text", fontSize: 11 },
        encoding: {
          text: { field: "text" },
          color: { condition: { test: "datum.log > 3", value: "white" }, value: "black" },
        },
      },
    ],
  });
  return draw(file, {
    title: [
      "How many times faster a circulant layer of n x n is, batch 1",
      `orange: the dense layer wins (Node ${node})`,
    ],
    vconcat: Object.keys(RIVALS).map(panel),
    spacing: 14,
  });
}
