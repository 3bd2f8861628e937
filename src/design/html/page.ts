import { blockLayers } from "../blocks.ts";
import type { EngineCost } from "../cost.ts";
import { engineName } from "../engine-choice.ts";
import type { DesignReport, Figures, Point } from "../report.ts";
import { client, type Mark, type PageAxis, type PageData } from "./client.ts";
import { count, escaped, nameOf, round, share } from "./format.ts";
import { CELLS, cellsOf, cellText, resourceSection, synthesisDetails } from "./resources.ts";
import { STYLE } from "./style.ts";

/** The report as one page that asks for nothing from elsewhere. */
export function reportPage(report: DesignReport): string {
  const data: PageData = { marks: marksOf(report), axes: axesOf(report) };
  const json = JSON.stringify(data).replaceAll("<", "\\u003c");
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>circulant design</title>
<style>${STYLE}</style>
<h1>Networks for a target</h1>
${summary(report)}
${chart(data)}
<h2>All points</h2>
<p class="quiet">A column's head sorts. A bar at the left marks points that no other beats in accuracy, bytes, cycles and time at
once; orange rows are shipped models on the same test images.</p>
${pointTable(report)}
${resourceSection(report)}<h2>What each layer loses</h2>
<p class="quiet">Loss on held-out images that the network without blocks gains when one layer alone is given blocks, by least
squares and without training. The knapsack over layers takes these for the shapes to train.</p>
${sensitivityTable(report)}
<h2>Training</h2>
<p class="quiet">Right answers on ${count(report.heldOutImages)} held-out images after each round; a shape that stops early was dropped.</p>
${shapeTable(report)}
<h2>What the figures are</h2>
${notes(report)}
<script type="application/json" id="data">${json}</script>
<script>(${client.toString()})(JSON.parse(document.getElementById("data").textContent));</script>
</html>
`;
}

function axesOf({ config, points }: DesignReport): readonly PageAxis[] {
  const { target } = config;
  const taken = points[0]?.engine.resources;
  const told = taken === undefined ? [] : CELLS.filter((_, i) => cellsOf(taken)[i] !== undefined);
  const number = (name: string, title: string, limit?: number): PageAxis => {
    return { name, title, rising: false, unit: "number", ...(limit === undefined ? {} : { limit }) };
  };
  return [
    number("bytes", "bytes of the model file", target.bytes),
    number("cycles", "clock cycles of an inference", cyclesLimit(config.target.device)),
    number("microseconds", "microseconds in WebAssembly, measured", target.microseconds),
    number("steadyCycles", "clock cycles in a steady stream", steadyLimit(config.target.device)),
    number("multipliers", "multipliers of the engine", target.device?.family ? undefined : target.device?.dsp),
    number("memoryBits", "bits of memory of the engine", target.device?.ramBits),
    ...told.map(([name, title]) => number(name, `${title} of the engine, model`, target.device?.[name])),
    number("nanojoules", "nanojoules of an inference, estimate"),
    { name: "accuracy", title: "right answers on the test set", rising: true, unit: "share", limit: target.accuracy },
  ];
}

type Device = DesignReport["config"]["target"]["device"];

function cyclesLimit(device: Device): number | undefined {
  return device?.latencyMicroseconds && device.latencyMicroseconds * device.megahertz;
}

function steadyLimit(device: Device): number | undefined {
  return device?.inferencesPerSecond && (1e6 / device.inferencesPerSecond) * device.megahertz;
}

function marksOf(report: DesignReport): readonly Mark[] {
  const valuesOf = ({
    accuracy,
    bytes,
    cycles,
    microseconds,
    multipliers,
    memoryBits,
    nanojoules,
    engine,
  }: Figures) => {
    const cells = engine.resources === undefined ? [] : cellsOf(engine.resources);
    return {
      accuracy,
      bytes,
      cycles,
      steadyCycles: engine.steadyCycles,
      microseconds,
      multipliers,
      memoryBits,
      ...Object.fromEntries(cells.flatMap((value, i) => (value === undefined ? [] : [[CELLS[i][0], value]]))),
      nanojoules,
    };
  };
  const points = report.points.map((point): Mark => {
    const { id, pareto, files } = point;
    const links = [
      ["model.safetensors", files.model],
      ["recipe.json, for circulant train", files.recipe],
      ["point.json, all that makes it", files.point],
      ["commands.txt", files.commands],
    ] as const;
    const values = valuesOf(point);
    return {
      id,
      label: nameOf(point),
      rival: false,
      front: pareto,
      values,
      details: detailsOf(report, point),
      links,
      rebuild: point.rebuild,
    };
  });
  const rivals = report.rivals.map((rival): Mark => {
    const shared = { id: rival.name, label: rival.name, rival: true, front: false, links: [], rebuild: "" };
    return { ...shared, values: valuesOf(rival), details: figureDetails(report, rival) };
  });
  return [...points, ...rivals];
}

function detailsOf(report: DesignReport, point: Point): Mark["details"] {
  const layers = blockLayers(report.config.recipe).map(({ name }, i) => `${name} ${point.blocks[i]}`);
  const bits = Object.entries(point.bits).map(([name, value]) => `${name} ${value}`);
  return [
    ["blocks", layers.join(", ")],
    ["bits of weights", bits.join(", ")],
    ["begun from", point.source === "start" ? "the network without blocks" : point.source],
    ["epochs at most", count(point.epochs)],
    ["held out", share(point.heldOut.accuracy)],
    ...figureDetails(report, point),
    ...(point.synthesis === undefined ? [] : synthesisDetails(point.synthesis)),
    ["target", point.misses.length === 0 ? "met" : `missed: ${point.misses.join(", ")}`],
    ["SHA-256", `${point.sha256.slice(0, 16)}...`],
  ];
}

function figureDetails({ config }: DesignReport, figures: Figures): Mark["details"] {
  const { engine } = figures;
  return [
    ["test set", share(figures.accuracy)],
    ["bytes", count(figures.bytes)],
    ["WebAssembly", `${figures.microseconds.toFixed(2)} us`],
    ["cycles", count(engine.cycles)],
    ["cycles in a steady stream", count(engine.steadyCycles)],
    ...latency(engine, config.target.device?.megahertz),
    ["engine", engineName(engine.engine)],
    ["multipliers, memory bits", `${count(engine.multipliers)}, ${count(engine.memoryBits)}`],
    ...(engine.resources === undefined
      ? []
      : [[`${config.target.device?.family}, model`, cellText(engine.resources)] as const]),
    ["energy, estimate", `${count(figures.nanojoules)} nJ`],
  ];
}

function latency(
  { latencyMicroseconds, inferencesPerSecond }: EngineCost,
  megahertz: number | undefined,
): Mark["details"] {
  if (latencyMicroseconds === undefined) return [];
  const rate = inferencesPerSecond === undefined ? "" : `, ${count(inferencesPerSecond)} a second`;
  return [[`at ${megahertz} MHz, assumed`, `${latencyMicroseconds.toFixed(1)} us${rate}`]];
}

function summary({ config, points, shapes, rivals, beats, pareto, start }: DesignReport): string {
  const met = points.filter(({ misses }) => misses.length === 0).length;
  const card = (value: string | number, what: string) => `<div class="card"><b>${value}</b>${what}</div>`;
  const { target } = config;
  const device = target.device ? `, ${target.device.name} at ${target.device.megahertz} MHz` : "";
  const bytes = target.bytes ? `, at most ${count(target.bytes)} bytes` : "";
  const lines = beats.map(({ point, rival, axes }) => {
    const own = points.find(({ id }) => id === point);
    const other = rivals.find(({ name }) => name === rival);
    const by = own && other ? axes.map((axis) => `${round(own[axis])} ${axis} for ${round(other[axis])}`) : axes;
    return `<li>${escaped(own ? nameOf(own) : point)} answers as ${escaped(rival)} or better: ${by.join(", ")}</li>`;
  });
  return `<p>Target: ${share(target.accuracy)} of the test set${bytes}${escaped(device)}.</p>
<div class="cards">${[
    card(shapes.length, "shapes trained"),
    card(points.length, "finished points"),
    card(pareto.length, "that no other beats"),
    card(met, "that meet the target"),
    card(share(start.accuracy), "without blocks, held out"),
  ].join("")}</div>
<ul class="beats">${lines.join("")}</ul>`;
}

function chart({ axes }: PageData): string {
  const options = (chosen: string) =>
    axes
      .map(({ name, title }) => `<option value="${name}"${name === chosen ? " selected" : ""}>${title}</option>`)
      .join("");
  return `<div class="stage"><div>
<div class="controls">
<label>across <select id="x">${options("bytes")}</select></label>
<label>up <select id="y">${options("accuracy")}</select></label>
<label><input type="checkbox" id="log"> logarithmic</label>
</div>
<div class="chart"><svg id="plot" viewBox="0 0 760 460" role="group" aria-label="all points"></svg><div id="tip"></div></div>
<p class="quiet">Filled: no other point beats it in accuracy, bytes, cycles and time at once. The line is the border on the two
axes shown. Diamonds are shipped models. Click a point for its model, its configuration and the command that makes it again.</p>
</div><aside id="detail" aria-live="polite"></aside></div>`;
}

type Cell = readonly [text: string, value: number | string];

function pointTable({ points, rivals }: DesignReport): string {
  const heads = [
    "blocks",
    "bits",
    "test",
    "held out",
    "bytes",
    "us",
    "cycles",
    "steady",
    "multipliers",
    "memory bits",
    "nJ, estimate",
    "misses",
  ];
  const figures = (one: Figures): Cell[] => [
    [count(one.bytes), one.bytes],
    [one.microseconds.toFixed(2), one.microseconds],
    [count(one.cycles), one.cycles],
    [count(one.engine.steadyCycles), one.engine.steadyCycles],
    [count(one.multipliers), one.multipliers],
    [count(one.memoryBits), one.memoryBits],
    [count(one.nanojoules), one.nanojoules],
  ];
  const rows = points.map((point) => {
    const bits = Object.values(point.bits);
    const cells: Cell[] = [
      [point.blocks.join(", "), point.blocks.join("-")],
      [bits.join(", "), bits.reduce((sum, value) => sum + value, 0)],
      [share(point.accuracy), point.accuracy],
      [share(point.heldOut.accuracy), point.heldOut.accuracy],
      ...figures(point),
      [point.misses.join(", "), point.misses.length],
    ];
    return row(point.id, point.pareto ? "front" : "", cells);
  });
  const others = rivals.map((rival) => {
    const cells: Cell[] = [
      [rival.name, rival.name],
      ["", 0],
      [share(rival.accuracy), rival.accuracy],
      ["", 0],
    ];
    return row(rival.name, "rival", [...cells, ...figures(rival), ["", 0]]);
  });
  const head = heads.map((name) => `<th aria-sort="none" scope="col">${name}</th>`).join("");
  return `<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${[...rows, ...others].join("")}</tbody></table></div>`;
}

function row(id: string, style: string, cells: readonly Cell[]): string {
  const list = cells.map(([text, value]) => `<td data-value="${escaped(String(value))}">${escaped(text)}</td>`);
  return `<tr data-id="${escaped(id)}" class="${style}">${list.join("")}</tr>`;
}

function sensitivityTable({ sensitivity }: DesignReport): string {
  const sizes = [...new Set(Object.values(sensitivity).flatMap((losses) => Object.keys(losses)))].map(Number);
  sizes.sort((a, b) => a - b);
  const most = Math.max(1e-9, ...Object.values(sensitivity).flatMap((losses) => Object.values(losses)));
  const rows = Object.entries(sensitivity).map(([layer, losses]) => {
    const cells = sizes.map((k) => {
      if (losses[k] === undefined) return "<td></td>";
      const heat = Math.max(0, Math.min(1, losses[k] / most)).toFixed(3);
      return `<td class="heat" style="--heat: ${heat}">${losses[k].toFixed(4)}</td>`;
    });
    return `<tr><td>${escaped(layer)}</td>${cells.join("")}</tr>`;
  });
  const head = sizes.map((k) => `<th>k = ${k}</th>`).join("");
  return `<div class="scroll"><table><thead><tr><th>layer</th>${head}</tr></thead><tbody>${rows.join("")}</tbody></table></div>`;
}

function shapeTable({ shapes, config }: DesignReport): string {
  const { rungs } = config.search;
  const head = rungs.map(({ epochs }) => `<th>after ${epochs} epochs</th>`).join("");
  const rows = shapes.map(({ blocks, source, bytes, cycles, rungs: own }) => {
    const cells = rungs.map((_, n) => `<td>${own[n] ? share(own[n].accuracy) : ""}</td>`).join("");
    const from = source === "start" ? "no blocks" : source;
    return `<tr><td>${blocks.join(", ")}</td><td>${escaped(from)}</td><td>${count(bytes)}</td><td>${count(cycles)}</td>${cells}</tr>`;
  });
  return `<div class="scroll"><table><thead><tr><th>blocks</th><th>begun from</th><th>bytes, 16 bits</th><th>cycles</th>${head}</tr></thead>
<tbody>${rows.join("")}</tbody></table></div>`;
}

function notes({ config, machine, testImages, data }: DesignReport): string {
  const { multiplication, addition, weightBit, word } = config.energy;
  return `<p>Accuracy: ${count(testImages)} test images through the WebAssembly kernels, read once, after all choices. Choices were made on
held-out training images. Training images and labels: SHA-256 <code>${data.slice(0, 16)}...</code></p>
<p>Microseconds: measured here, one thread, pixels in and words out, tenth percentile of rounds in turns; models that
differ in words alone have one time: ${escaped(machine)}.</p>
<p>Cycles: of an inference alone, by the exact models of the engines, which tests hold equal to the simulation; the engine of each
point is that of the configuration which misses least of the device and is fastest. Multipliers and bits of memory: counted from its parameters.</p>
<p>Energy: an estimate, by picojoules of a multiplication of 16 bits (${multiplication}), an addition (${addition}), a bit of a weight
read (${weightBit}), a word of a tensor written and read (${word}); <code>energy</code> of the configuration replaces them.</p>`;
}
