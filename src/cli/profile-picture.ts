import type { OperationProfile, Profile } from "../runtime/profile.ts";
import { formatMicroseconds, formatMissed, formatRate, formatShape, totalOf } from "./profile-table.ts";

const WIDTH = 880;
const MARGIN = 24;
const PLOT_WIDTH = WIDTH - 2 * MARGIN;
const STRIP_TOP = 70;
const STRIP_HEIGHT = 44;
const ROWS_TOP = 166;
const ROW_HEIGHT = 24;
const BAR_LEFT = 258;
const BAR_WIDTH = 296;
const NAME_LETTERS = 12;
/** Right edges of the columns of numbers. */
const COLUMNS = { microseconds: 620, share: 684, bytes: 758, rate: WIDTH - MARGIN };

/** One colour for each kind of operation, legible on white and on near black. */
const COLOURS: Readonly<Record<OperationProfile["op"], string>> = {
  dense: "#2f7fc1",
  conv2d: "#c9622a",
  depthwise: "#b0458f",
  maxpool: "#3f9a5f",
  avgpool: "#7f9a3f",
  add: "#8a6fd1",
  flatten: "#8a8f98",
};

/** Light unless the reader's place is dark; the picture has nothing outside itself. */
const STYLE = `<style>
text { font-family: system-ui, sans-serif; font-size: 13px; fill: #1c1f24 }
.page { fill: #ffffff } .faint { fill: #5b626d } .rule { stroke: #d9dde3 } .edge { stroke: #ffffff }
.on { fill: #ffffff; font-weight: 600 } .end { text-anchor: end } .middle { text-anchor: middle } .title { font-size: 16px; font-weight: 600 }
@media (prefers-color-scheme: dark) {
text { fill: #e8eaee } .page { fill: #15181d } .faint { fill: #a2a9b4 } .rule { stroke: #363c46 }
.edge { stroke: #15181d } .on { fill: #ffffff }
}
</style>`;

/** A profile as an SVG: the inference as one strip of its operations, and a bar with its numbers for each. */
export function drawProfile(profile: Profile, title: string): string {
  const { operations, backend, runs, microseconds } = profile;
  const height = ROWS_TOP + ROW_HEIGHT * operations.length + 62;
  const { weightBytes, ...total } = totalOf(profile);
  const rate = formatRate(total);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}">`,
    STYLE,
    '<rect class="page" width="100%" height="100%"/>',
    text(MARGIN, 34, `${escaped(title)}: ${formatMicroseconds(microseconds)} us an inference`, "title"),
    text(
      MARGIN,
      56,
      `${backend}, median of ${runs}; ${weightBytes} bytes of weights${rate && `; ${rate} dense-equivalent GOPS`}`,
      "faint",
    ),
    ...drawStrip(operations),
    ...drawHead(),
    ...operations.map((operation, i) => drawRow(operation, i, operations)),
    text(MARGIN, height - 40, `Operations timed by themselves; their sum ${formatMissed(profile)}.`, "faint"),
    text(
      MARGIN,
      height - 20,
      "Dense GOPS: two operations for each weight and window of the dense form, in 10⁹ a second.",
      "faint",
    ),
    "</svg>\n",
  ].join("\n");
}

/** The operations side by side, as wide as their shares. */
function drawStrip(operations: readonly OperationProfile[]): string[] {
  let left = MARGIN;
  return operations.map((operation) => {
    const { name, op, share } = operation;
    const width = share * PLOT_WIDTH;
    const box = { x: left, y: STRIP_TOP, width, height: STRIP_HEIGHT };
    left += width;
    const label =
      width > 9 * name.length + 8 ? text(box.x + width / 2, STRIP_TOP + 27, escaped(name), "on middle") : "";
    return `<g><title>${escaped(describe(operation))}</title>${rect(box, COLOURS[op], "edge")}${label}</g>`;
  });
}

function drawHead(): string[] {
  const y = ROWS_TOP - 14;
  const heads = Object.entries({ microseconds: "us", share: "share", bytes: "bytes", rate: "dense GOPS" } as const);
  return [
    text(MARGIN, y, "operation", "faint"),
    ...heads.map(([column, head]) => text(COLUMNS[column as keyof typeof COLUMNS], y, head, "faint end")),
    `<line class="rule" x1="${MARGIN}" x2="${WIDTH - MARGIN}" y1="${y + 8}" y2="${y + 8}"/>`,
  ];
}

function drawRow(operation: OperationProfile, i: number, operations: readonly OperationProfile[]): string {
  const { name, op, k, share, weightBytes } = operation;
  const most = Math.max(...operations.map((other) => other.share));
  const top = ROWS_TOP + ROW_HEIGHT * i;
  const y = top + 17;
  const width = Math.max(0.5, (BAR_WIDTH * share) / most);
  const shape = `${formatShape(operation)}${k === undefined ? "" : `, k = ${k}`}`;
  return [
    `<g><title>${escaped(describe(operation))}</title>`,
    text(MARGIN, y, escaped(shortened(name))),
    text(MARGIN + 88, y, shape, "faint"),
    rect({ x: BAR_LEFT, y: top + 5, width, height: ROW_HEIGHT - 8 }, COLOURS[op]),
    text(COLUMNS.microseconds, y, formatMicroseconds(operation.microseconds), "end"),
    text(COLUMNS.share, y, `${(100 * share).toFixed(1)} %`, "end"),
    text(COLUMNS.bytes, y, weightBytes === 0 ? "" : String(weightBytes), "end"),
    text(COLUMNS.rate, y, formatRate(operation), "end"),
    "</g>",
  ].join("");
}

function describe(operation: OperationProfile): string {
  const { name, op, share, denseOperations, operations } = operation;
  return (
    `${name} (${op}): ${formatMicroseconds(operation.microseconds)} us, ${(100 * share).toFixed(1)} %; ` +
    `${denseOperations} operations in its dense form, ${operations} as it is`
  );
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function rect({ x, y, width, height }: Box, colour: string, kind = ""): string {
  return `<rect${classOf(kind)} x="${f(x)}" y="${y}" width="${f(width)}" height="${height}" fill="${colour}"/>`;
}

function text(x: number, y: number, content: string, kind = ""): string {
  return content === "" ? "" : `<text${classOf(kind)} x="${f(x)}" y="${y}">${content}</text>`;
}

function classOf(kind: string): string {
  return kind === "" ? "" : ` class="${kind}"`;
}

function shortened(name: string): string {
  return name.length > NAME_LETTERS ? `${name.slice(0, NAME_LETTERS - 1)}…` : name;
}

function escaped(name: string): string {
  return name.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function f(value: number): string {
  return value.toFixed(1);
}
