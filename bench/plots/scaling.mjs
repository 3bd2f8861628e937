import { colourScale, draw, logAxis } from "./draw.mjs";
import { fitLayer, fitNLogN, layerTime } from "./laws.mjs";

/** Least block size that the laws are fitted to and drawn for: below, products are laid out in another way. */
const LEAST_K = 8;

/** All points of our layers. */
const pointsOf = ({ sides }) =>
  sides.flatMap(({ n, own }) => own.map(({ k, p10 }) => ({ n, k, ns: p10, us: p10 / 1000 })));

/** The laws' constants, for the page. */
export function laws({ scaling }) {
  const points = pointsOf(scaling);
  const single = points.filter(({ n, k }) => n === k);
  return { layer: fitLayer(points.filter(({ k }) => k >= LEAST_K)), single: fitNLogN(single) };
}

const n2 = (values) => logAxis("n", "n, inputs and outputs", { base: 2, axis: { format: "d", values } });
const US = "microseconds, logarithmic";

/** Time against n: k = 64, one block, and the dense peers. */
export function drawSides(file, { scaling, node }) {
  const { layer, single } = laws({ scaling });
  const points = pointsOf(scaling);
  const sides = scaling.sides.map(({ n }) => n);
  const measured = [
    ...points.filter(({ k }) => k === 64).map((point) => ({ ...point, series: "circulant, k = 64" })),
    ...points.filter(({ n, k }) => n === k).map((point) => ({ ...point, series: "circulant, k = n" })),
    ...scaling.sides.flatMap(({ n, dense }) => dense.map(({ name, p10 }) => ({ n, us: p10 / 1000, series: name }))),
  ];
  const drawn = [
    ...sides
      .filter((n) => n >= 64)
      .map((n) => ({ n, us: layerTime(layer, n, 64) / 1000, series: "circulant, k = 64" })),
    ...sides
      .filter((n) => n <= 2048)
      .map((n) => ({ n, us: (single * n * Math.log2(n)) / 1000, series: "circulant, k = n" })),
  ];
  const peers = [...new Set(measured.map(({ series }) => series))].filter((name) => !name.startsWith("circulant"));
  const { domain, range } = colourScale(peers);
  const scale = {
    domain: ["circulant, k = 64", "circulant, k = n", ...domain],
    range: ["#000000", "#cc79a7", ...range],
  };
  const color = { field: "series", type: "nominal", title: null, scale };
  return draw(file, {
    title: `A layer of n x n against n; lines of circulant are the laws (Node ${node})`,
    width: 520,
    height: 400,
    layer: [
      {
        data: { values: drawn },
        mark: { type: "line", strokeDash: [5, 4] },
        encoding: { x: n2(sides), y: logAxis("us", US), color },
      },
      {
        data: { values: measured },
        mark: { type: "point", filled: true, size: 50 },
        encoding: { x: n2(sides), y: logAxis("us", US), color },
      },
      {
        data: { values: measured.filter(({ k }) => k === undefined) },
        mark: { type: "line", strokeWidth: 1 },
        encoding: { x: n2(sides), y: logAxis("us", US), color },
      },
    ],
  });
}

/** Time against k for some n. */
export function drawBlocks(file, { scaling, node }) {
  const { layer } = laws({ scaling });
  const shown = [256, 1024, 4096];
  const points = pointsOf(scaling).filter(({ n }) => shown.includes(n));
  const drawn = points.filter(({ k }) => k >= LEAST_K).map(({ n, k }) => ({ n, k, us: layerTime(layer, n, k) / 1000 }));
  const sizes = [...new Set(points.map(({ k }) => k))].sort((a, b) => a - b);
  const x = logAxis("k", "k, block size", { base: 2, axis: { format: "d", values: sizes } });
  const color = {
    field: "n",
    type: "nominal",
    title: "n",
    scale: { domain: shown, range: ["#009e73", "#0072b2", "#000000"] },
  };
  return draw(file, {
    title: `A layer of n x n against the block size; dashed: the law (Node ${node})`,
    width: 520,
    height: 380,
    layer: [
      {
        data: { values: drawn },
        mark: { type: "line", strokeDash: [5, 4] },
        encoding: { x, y: logAxis("us", US), color },
      },
      {
        data: { values: points },
        mark: { type: "point", filled: true, size: 50 },
        encoding: { x, y: logAxis("us", US), color },
      },
    ],
  });
}

/** Time of an item against the batch. */
export function drawBatches(file, { scaling, node }) {
  const values = scaling.batches.flatMap(({ batch, times }) =>
    times.map(({ name, p10 }) => ({ batch, us: p10 / 1000, series: name.replace(" words", "") })),
  );
  const names = [...new Set(values.map(({ series }) => series))];
  return draw(file, {
    title: `1024 x 1024, k = 64, time of an item against the batch, one thread (Node ${node})`,
    width: 520,
    height: 340,
    data: { values },
    mark: { type: "line", point: true },
    encoding: {
      x: logAxis("batch", "items of a batch", { base: 2, axis: { format: "d" } }),
      y: logAxis("us", "microseconds an item, logarithmic"),
      color: { field: "series", type: "nominal", title: null, scale: colourScale(names) },
    },
  });
}

/** Items a second over threads. */
export function drawThreads(file, { scaling, node }) {
  const { threads } = scaling;
  const values = threads.times.map(({ name, p10 }) => ({ threads: name, rate: 1e6 / p10 }));
  return draw(file, {
    title: `1024 x 1024, k = 64, batches of ${threads.batch}, over threads (Node ${node})`,
    width: 300,
    height: 260,
    data: { values },
    mark: { type: "bar", color: "#000000" },
    encoding: {
      x: { field: "threads", type: "ordinal", title: "threads", axis: { labelAngle: 0 } },
      y: { field: "rate", type: "quantitative", title: "thousand items a second" },
    },
  });
}
