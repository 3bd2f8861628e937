import type { EpochRecord } from "./checkpoint.ts";

interface Series {
  readonly name: string;
  readonly colour: string;
  readonly values: readonly number[];
}

interface Panel {
  readonly title: string;
  readonly top: number;
  readonly series: readonly Series[];
}

const WIDTH = 720;
const LEFT = 64;
const RIGHT = 120;
const PANEL_HEIGHT = 200;
const PLOT_WIDTH = WIDTH - LEFT - RIGHT;
const HEIGHT = 2 * PANEL_HEIGHT + 142;

/** The course of training as an SVG: the loss above, the share of wrong answers in percent below. */
export function drawCurve(history: readonly EpochRecord[]): string {
  const wrong: Series[] = [
    { name: "training", colour: "#0b62a4", values: history.map(({ accuracy }) => 100 * (1 - accuracy)) },
  ];
  if (history.every(({ validation }) => validation !== null)) {
    const values = history.map(({ validation }) => 100 * (1 - (validation ?? 0)));
    wrong.push({ name: "validation", colour: "#c2410c", values });
  }
  const loss: Series = { name: "training", colour: "#0b62a4", values: history.map((record) => record.loss) };
  const panels: Panel[] = [
    { title: "Loss", top: 36, series: [loss] },
    { title: "Wrong answers, %", top: PANEL_HEIGHT + 96, series: wrong },
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}"`,
    ` font-family="system-ui, sans-serif" font-size="12" fill="#222">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    ...panels.map((panel) => drawPanel(panel, history.length)),
    `<text x="${LEFT + PLOT_WIDTH / 2}" y="${HEIGHT - 8}" text-anchor="middle">Epoch</text>`,
    "</svg>\n",
  ].join("\n");
}

/** A panel with a logarithmic axis, which shows the end of a run as well as its start. */
function drawPanel({ title, top, series }: Panel, epochs: number): string {
  const values = series.flatMap((line) => line.values).filter((value) => value > 0);
  const ticks = ticksAround(Math.min(...values, 1), Math.max(...values, Number.MIN_VALUE));
  const [low, high] = [Math.log(ticks[0]), Math.log(ticks[ticks.length - 1])];
  const x = (index: number) => LEFT + (PLOT_WIDTH * index) / Math.max(1, epochs - 1);
  const y = (value: number) => {
    const part = (Math.log(Math.max(value, ticks[0])) - low) / (high - low);
    return top + PANEL_HEIGHT * (1 - part);
  };
  const grid = ticks.map(
    (tick) =>
      `<line x1="${LEFT}" x2="${LEFT + PLOT_WIDTH}" y1="${f(y(tick))}" y2="${f(y(tick))}" stroke="#ddd"/>` +
      `<text x="${LEFT - 8}" y="${f(y(tick) + 4)}" text-anchor="end">${tick}</text>`,
  );
  const marks = epochTicks(epochs).map(
    (epoch) => `<text x="${f(x(epoch - 1))}" y="${top + PANEL_HEIGHT + 18}" text-anchor="middle">${epoch}</text>`,
  );
  const lines = series.map(({ colour, values }) => {
    const points = values.map((value, index) => `${f(x(index))},${f(y(value))}`).join(" ");
    return `<polyline points="${points}" fill="none" stroke="${colour}" stroke-width="1.8"/>`;
  });
  const names = series.map(({ name, colour }, index) => {
    const at = top + 12 + 18 * index;
    return `<text x="${LEFT + PLOT_WIDTH + 10}" y="${at}" fill="${colour}">${name}</text>`;
  });
  const heading = `<text x="${LEFT}" y="${top - 12}" font-weight="600">${title}</text>`;
  return [heading, ...grid, ...marks, ...lines, ...names].join("\n");
}

/** The numbers 1, 2, 5 times powers of ten that enclose a range, at least two. */
function ticksAround(least: number, most: number): number[] {
  const ticks: number[] = [];
  for (let power = -6; power < 7; power++) {
    for (const digit of [1, 2, 5]) ticks.push(Number(`${digit}e${power}`));
  }
  const first = Math.max(0, ticks.filter((tick) => tick <= least).length - 1);
  const last = ticks.findIndex((tick) => tick >= most);
  return ticks.slice(first, Math.max(last, first + 1) + 1);
}

function epochTicks(epochs: number): number[] {
  const step = ticksAround(1, Math.max(1, epochs / 8)).at(-1) ?? 1;
  const ticks = [1];
  for (let epoch = step; epoch <= epochs; epoch += step) if (epoch > 1) ticks.push(epoch);
  return ticks;
}

function f(value: number): string {
  return value.toFixed(1);
}
