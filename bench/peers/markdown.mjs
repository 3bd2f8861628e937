import { laws } from "../plots/scaling.mjs";

const row = (cells) => `| ${cells.join(" | ")} |`;
const table = (heads, rows) => [row(heads), row(heads.map(() => "---")), ...rows.map(row)];
/** Three digits, without an exponent. */
const digits = (value) => String(Number(value.toPrecision(3)));
const micro = (ns) => digits(ns / 1000);
const times = (value) => (value >= 10 ? value.toFixed(0) : value.toFixed(1));
const version = ({ node }) => node.replace("v", "");
const having = (runs, part) => runs.filter((run) => run[part]);

/** The binary that a run's engine chooses. */
export const binaryOf = ({ binaries }) => binaries[binaries.length - 1];

export function machineTable(runs) {
  const rows = runs.map((run) => {
    const { v8, cpu, cores, load } = run;
    return [version(run), v8, binaryOf(run), cpu, cores, load.toFixed(1)];
  });
  return table(["Node", "V8", "binary", "processor", "cores", "load before"], rows);
}

export function layerTable(runs) {
  const found = having(runs, "layers");
  const peers = found[0].layers[0].contenders.filter(({ ratios }) => ratios).map(({ name }) => name);
  const heads = [
    "network",
    "Node",
    "words, us",
    "reals, us",
    "GOPS, dense-equivalent",
    ...peers.map((name) => `x ${name}`),
  ];
  const rows = found[0].layers.flatMap(({ name }) =>
    found.flatMap((run) => {
      const entry = run.layers.find((other) => other.name === name);
      if (!entry) return [];
      const own = (what) => `circulant ${binaryOf(run)} ${what}`;
      const median = (what) => entry.contenders.find((one) => one.name === own(what)).median;
      const ratios = peers.map((peer) => {
        const { ratios } = entry.contenders.find((one) => one.name === peer);
        return `${times(ratios[own("words")])} / ${times(ratios[own("reals")])}`;
      });
      const rate = ((2 * entry.products) / median("words")).toFixed(0);
      return [
        [name, `${version(run)} ${binaryOf(run)}`, micro(median("words")), micro(median("reals")), rate, ...ratios],
      ];
    }),
  );
  return table(heads, rows);
}

export function transformTable(runs) {
  const found = having(runs, "transforms");
  const sizes = found[0].transforms;
  const peers = [...new Set(sizes.flatMap(({ contenders }) => contenders.filter((one) => one.ratios)))];
  const names = [...new Set(peers.map(({ name }) => name))];
  const rows = sizes.flatMap(({ k }) =>
    found.map((run) => {
      const { contenders } = run.transforms.find((entry) => entry.k === k);
      const own = (what) => `circulant ${binaryOf(run)} ${what}`;
      const median = (what) => contenders.find((one) => one.name === own(what)).median;
      const ratios = names.map((name) => {
        const peer = contenders.find((one) => one.name === name);
        return peer ? `${times(peer.ratios[own("tiles")])} / ${times(peer.ratios[own("rows")])}` : "-";
      });
      return [k, `${version(run)} ${binaryOf(run)}`, digits(median("tiles")), digits(median("rows")), ...ratios];
    }),
  );
  return table(["k", "Node", "tiles, ns", "rows, ns", ...names.map((name) => `x ${name}`)], rows);
}

export function coldTable(runs) {
  const heads = ["", "Node", "import, ms", "load, ms", "run, ms", "total, ms", "least, ms", "x circulant"];
  const rows = having(runs, "cold").flatMap((run) =>
    run.cold.map(({ name, median, least, ratio }) => {
      const stages = [median.import, median.load, median.run, median.total, least].map((ms) => ms.toFixed(1));
      return [name, version(run), ...stages, times(ratio)];
    }),
  );
  return table(heads, rows);
}

export function scalingTable(runs) {
  const rows = having(runs, "scaling").map((run) => {
    const { layer, single } = laws(run);
    return [
      `${version(run)} ${run.scaling.binary}`,
      ...layer.map((constant) => constant.toPrecision(3)),
      single.toPrecision(3),
    ];
  });
  return table(["Node", "a, ns", "b, ns", "c, ns", "one block: ns by n log2 n"], rows);
}

export function trainingTable(runs) {
  const rows = having(runs, "training").flatMap((run) =>
    run.training.map(({ name, rate, best, ratio }) => {
      const seconds = digits(60_000 / rate);
      return [name, version(run), rate.toFixed(0), best.toFixed(0), seconds, times(ratio)];
    }),
  );
  const heads = ["", "Node", "images/s", "90th percentile", "epoch of 60,000 images, s", "x circulant, 1 thread"];
  return table(heads, rows);
}

/** The plot and its figures, or why there are none. */
export function threadLines(runs) {
  const found = having(runs, "scaling").filter(({ scaling }) => scaling.threads.times);
  if (found.length === 0) return ["No run has these figures yet."];
  const rows = found.flatMap((run) =>
    run.scaling.threads.times.map(({ name, p10 }) => [`${version(run)} ${run.scaling.binary}`, name, micro(p10)]),
  );
  return [
    "![Items a second over threads](performance/threads.svg)",
    "",
    ...table(["Node", "threads", "us an item"], rows),
  ];
}
