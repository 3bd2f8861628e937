import { writeFileSync } from "node:fs";
import { parse, View } from "vega";
import { compile } from "vega-lite";

const CONFIG = {
  background: "white",
  font: "sans-serif",
  axis: { labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal", gridColor: "#e4e4e4", labelLimit: 400 },
  legend: { labelFontSize: 12, titleFontSize: 12, labelLimit: 400, symbolStrokeWidth: 2 },
  title: { fontSize: 14, fontWeight: "normal", anchor: "start", offset: 12 },
  header: { labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal" },
  view: { stroke: "#cccccc" },
};

/** Okabe and Ito's colours, which the colour-blind can tell apart, by contender; ours is black. */
export const COLOURS = {
  circulant: "#000000",
  "circulant, plain": "#7a7a7a",
  "onnxruntime-web float32": "#0072b2",
  "onnxruntime-web int8 dynamic": "#56b4e9",
  "onnxruntime-web int8 QDQ": "#a6d8f5",
  "onnxruntime-node float32": "#d55e00",
  "onnxruntime-node int8 dynamic": "#e69f00",
  "onnxruntime-node int8 QDQ": "#f3cf80",
  "tfjs-wasm float32": "#009e73",
};

/** A colour scale for those of the names that have a colour. */
export const colourScale = (names) => ({ domain: names, range: names.map((name) => COLOURS[name]) });

/** Writes a Vega-Lite specification as SVG. */
export async function draw(file, spec) {
  const vega = compile({ $schema: "https://vega.github.io/schema/vega-lite/v6.json", ...spec, config: CONFIG }).spec;
  const svg = await new View(parse(vega), { renderer: "none" }).toSVG();
  writeFileSync(file, `${svg}\n`);
}

/** An axis of logarithmic scale. */
export function logAxis(field, title, extra = {}) {
  const { base = 10, ...rest } = extra;
  return { field, type: "quantitative", scale: { type: "log", base }, title, ...rest };
}
