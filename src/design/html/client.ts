/** A model on the page: of the run, or one that was there before. */
export interface Mark {
  readonly id: string;
  readonly label: string;
  readonly rival: boolean;
  readonly front: boolean;
  /** By the names of the axes. */
  readonly values: Readonly<Record<string, number>>;
  /** Lines of the panel: what, and how it is written. */
  readonly details: readonly (readonly [string, string])[];
  readonly links: readonly (readonly [string, string])[];
  readonly rebuild: string;
}

/** What can be drawn along. */
export interface PageAxis {
  readonly name: string;
  readonly title: string;
  /** Whether more is better. */
  readonly rising: boolean;
  readonly unit: "share" | "number";
  /** A limit of the target: shown as a line. */
  readonly limit?: number;
}

export interface PageData {
  readonly marks: readonly Mark[];
  readonly axes: readonly PageAxis[];
}

/**
 * The program of the page. It is sent as its own text, so it must stand on nothing outside of it.
 *
 * @param data what the page holds as JSON
 */
export function client(data: PageData): void {
  const width = 760;
  const height = 460;
  const room = { left: 96, right: 24, top: 20, bottom: 52 };
  const byId = (id: string) => document.getElementById(id) as HTMLElement;
  const svgName = "http://www.w3.org/2000/svg";
  const svg = document.getElementById("plot") as unknown as SVGSVGElement;
  const selects = { x: byId("x") as HTMLSelectElement, y: byId("y") as HTMLSelectElement };
  const log = byId("log") as HTMLInputElement;
  const tip = byId("tip");
  let chosen = "";

  const axisOf = (name: string) => data.axes.find((axis) => axis.name === name) ?? data.axes[0];
  const text = (axis: PageAxis, value: number) =>
    axis.unit === "share"
      ? `${(100 * value).toFixed(2)} %`
      : value.toLocaleString("en", { maximumSignificantDigits: value < 1000 ? 4 : 12, maximumFractionDigits: 2 });
  const draw = (tag: string, attributes: Record<string, string | number>, content = "") => {
    const element = document.createElementNS(svgName, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
    element.textContent = content;
    svg.append(element);
    return element;
  };

  const scaleOf = (axis: PageAxis, from: number, to: number, isLog: boolean) => {
    const limits = axis.limit === undefined ? [] : [axis.limit];
    const values = [...data.marks.map((mark) => mark.values[axis.name]), ...limits];
    const map = isLog ? Math.log10 : (value: number) => value;
    let [low, high] = [Math.min(...values), Math.max(...values)].map(map);
    const margin = (high - low || Math.abs(high) || 1) * 0.06;
    [low, high] = [low - margin, high + margin];
    if (axis.unit === "share") high = Math.min(high, 1.0005);
    const place = (value: number) => from + ((map(value) - low) / (high - low)) * (to - from);
    const ticks: number[] = [];
    if (isLog) {
      for (let power = Math.floor(low); power <= high; power++) {
        for (const lead of high - low > 2 ? [1] : [1, 2, 5]) ticks.push(lead * 10 ** power);
      }
    } else {
      const raw = (high - low) / 6;
      const power = 10 ** Math.floor(Math.log10(raw));
      const step = [1, 2, 5, 10].map((lead) => lead * power).find((one) => one >= raw) ?? raw;
      for (let n = Math.ceil(low / step); n * step <= high; n++) ticks.push(n * step);
    }
    return { place, ticks: ticks.filter((tick) => map(tick) >= low && map(tick) <= high) };
  };

  const choose = (id: string) => {
    chosen = id;
    const mark = data.marks.find((one) => one.id === id);
    const detail = byId("detail");
    if (!mark) return;
    detail.replaceChildren();
    const add = (tag: string, content = "", to: Element = detail) => {
      const element = document.createElement(tag);
      element.textContent = content;
      to.append(element);
      return element;
    };
    add("h3", mark.label);
    const list = add("dl");
    for (const [what, value] of mark.details) {
      add("dt", what, list);
      add("dd", value, list);
    }
    for (const [name, href] of mark.links) {
      const link = add("a", name, add("div")) as HTMLAnchorElement;
      link.href = href;
    }
    if (mark.rebuild) {
      add("small", "the same bytes again, in the folder of this page:");
      add("code", mark.rebuild, add("pre"));
      add("button", "copy").addEventListener("click", () => navigator.clipboard?.writeText(mark.rebuild));
    }
    for (const row of document.querySelectorAll("tr[data-id]")) {
      row.classList.toggle("chosen", row.getAttribute("data-id") === id);
    }
    render();
  };

  const showTip = (mark: Mark, x: number, y: number, axes: readonly PageAxis[]) => {
    const lines = axes.map((axis) => `${axis.title}: ${text(axis, mark.values[axis.name])}`);
    tip.textContent = [mark.label, ...lines].join("\n");
    const box = svg.getBoundingClientRect();
    const scale = box.width / width;
    tip.style.left = `${Math.min(x * scale + 12, box.width - tip.offsetWidth - 8)}px`;
    tip.style.top = `${Math.max(4, y * scale - tip.offsetHeight - 10)}px`;
    tip.style.visibility = "visible";
  };

  const render = () => {
    svg.replaceChildren();
    const [axisX, axisY] = [axisOf(selects.x.value), axisOf(selects.y.value)];
    const isLog = (axis: PageAxis) => log.checked && axis.unit === "number";
    const x = scaleOf(axisX, room.left, width - room.right, isLog(axisX));
    const y = scaleOf(axisY, height - room.bottom, room.top, isLog(axisY));
    const [right, bottom] = [width - room.right, height - room.bottom];
    for (const tick of x.ticks) {
      const at = x.place(tick);
      draw("line", { class: "grid", x1: at, x2: at, y1: room.top, y2: bottom });
      draw("text", { class: "tick", x: at, y: bottom + 18, "text-anchor": "middle" }, text(axisX, tick));
    }
    for (const tick of y.ticks) {
      const at = y.place(tick);
      draw("line", { class: "grid", x1: room.left, x2: right, y1: at, y2: at });
      draw("text", { class: "tick", x: room.left - 8, y: at + 4, "text-anchor": "end" }, text(axisY, tick));
    }
    draw("text", { x: (room.left + right) / 2, y: height - 12, "text-anchor": "middle" }, axisX.title);
    const middle = (room.top + bottom) / 2;
    draw("text", { x: 14, y: middle, "text-anchor": "middle", transform: `rotate(-90 14 ${middle})` }, axisY.title);
    if (axisX.limit !== undefined) {
      const at = x.place(axisX.limit);
      draw("line", { class: "limit", x1: at, x2: at, y1: room.top, y2: bottom });
      draw("text", { class: "limit-name", x: at - 5, y: room.top + 12, "text-anchor": "end" }, "target");
    }
    if (axisY.limit !== undefined) {
      const at = y.place(axisY.limit);
      draw("line", { class: "limit", x1: room.left, x2: right, y1: at, y2: at });
      draw("text", { class: "limit-name", x: room.left + 6, y: at - 5 }, "target");
    }
    drawFront(axisX, axisY, x.place, y.place);
    for (const mark of data.marks) drawMark(mark, x.place(mark.values[axisX.name]), y.place(mark.values[axisY.name]));
  };

  /** The border of what the run's points reach on these two axes: steps, as nothing between two points is known. */
  const drawFront = (axisX: PageAxis, axisY: PageAxis, placeX: Place, placeY: Place) => {
    const sign = (axis: PageAxis) => (axis.rising ? -1 : 1);
    const own = data.marks
      .filter((mark) => !mark.rival)
      .map((mark) => [mark.values[axisX.name], mark.values[axisY.name]] as const)
      .sort((a, b) => sign(axisX) * (a[0] - b[0]) || sign(axisY) * (a[1] - b[1]));
    let best = Number.POSITIVE_INFINITY;
    const front = own.filter(([, value]) => {
      if (sign(axisY) * value >= best) return false;
      best = sign(axisY) * value;
      return true;
    });
    const steps = front.map(([a, b], n) => (n === 0 ? `M${placeX(a)} ${placeY(b)}` : `H${placeX(a)}V${placeY(b)}`));
    draw("path", { class: "step", d: steps.join("") });
  };

  const drawMark = (mark: Mark, x: number, y: number) => {
    const label = mark.label;
    const common = { tabindex: 0, role: "button", "aria-label": label };
    const element = mark.rival
      ? draw("path", { ...common, class: "point rival", d: `M${x} ${y - 8}l8 8l-8 8l-8-8z` })
      : draw("circle", { ...common, class: `point${mark.front ? " front" : ""}`, cx: x, cy: y, r: 6 });
    if (mark.rival)
      draw(
        "text",
        {
          class: "rival-name",
          x: x + (x > width - 160 ? -12 : 12),
          y: y + 4,
          "text-anchor": x > width - 160 ? "end" : "start",
        },
        label,
      );
    if (mark.id === chosen) element.classList.add("chosen");
    const axes = [axisOf(selects.x.value), axisOf(selects.y.value)];
    element.addEventListener("mouseenter", () => showTip(mark, x, y, axes));
    element.addEventListener("focus", () => showTip(mark, x, y, axes));
    for (const event of ["mouseleave", "blur"]) {
      element.addEventListener(event, () => {
        tip.style.visibility = "hidden";
      });
    }
    element.addEventListener("click", () => choose(mark.id));
    element.addEventListener("keydown", (event) => {
      if ((event as KeyboardEvent).key === "Enter") choose(mark.id);
    });
  };

  const sortBy = (head: HTMLTableCellElement) => {
    const table = head.closest("table") as HTMLTableElement;
    const rising = head.getAttribute("aria-sort") !== "ascending";
    for (const other of table.querySelectorAll("th[aria-sort]")) other.setAttribute("aria-sort", "none");
    head.setAttribute("aria-sort", rising ? "ascending" : "descending");
    const rows = [...table.tBodies[0].rows];
    const keyOf = (row: HTMLTableRowElement) => row.cells[head.cellIndex].getAttribute("data-value") ?? "";
    rows.sort((a, b) => {
      const [left, right] = [keyOf(a), keyOf(b)];
      const order = Number.isNaN(Number(left)) ? left.localeCompare(right) : Number(left) - Number(right);
      return rising ? order : -order;
    });
    table.tBodies[0].append(...rows);
  };

  for (const head of document.querySelectorAll<HTMLTableCellElement>("th[aria-sort]")) {
    head.addEventListener("click", () => sortBy(head));
  }
  for (const row of document.querySelectorAll("tr[data-id]")) {
    row.addEventListener("click", () => choose(row.getAttribute("data-id") ?? ""));
  }
  for (const control of [selects.x, selects.y, log]) control.addEventListener("change", render);
  const first = data.marks.find((mark) => mark.front) ?? data.marks[0];
  if (first) choose(first.id);
}

type Place = (value: number) => number;
