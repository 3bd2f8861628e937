import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readImageSet } from "../../src/data/read.ts";
import { parseDesign } from "../../src/design/config.ts";
import type { Dispatcher } from "../../src/design/dispatch.ts";
import type { PageData } from "../../src/design/html/client.ts";
import { reportPage } from "../../src/design/html/page.ts";
import { JOURNAL } from "../../src/design/journal.ts";
import { hireProcesses } from "../../src/design/pool.ts";
import { rebuild } from "../../src/design/rebuild.ts";
import type { DesignReport } from "../../src/design/report.ts";
import { design } from "../../src/design/run.ts";
import { DataError, MismatchError, OptionError } from "../../src/errors.ts";
import { readModel } from "../../src/model/read.ts";
import { Session } from "../../src/runtime/session.ts";
import { comparable } from "./comparable.ts";
import { digitsIn, SMALL } from "./config.ts";

/** Milliseconds: processes are started in each test. */
const PATIENCE = 600_000;
const folder = mkdtempSync(join(tmpdir(), "circulant-design-"));
const config = parseDesign(SMALL);
let data = "";
let report: DesignReport;
const at = (...names: readonly string[]) => join(folder, ...names);
const idsIn = (run: string) => {
  const [, ...lines] = readFileSync(at(run, JOURNAL), "utf8").trim().split("\n");
  return lines.map((line) => JSON.parse(line).id as string);
};

beforeAll(async () => {
  data = digitsIn(folder);
  report = await design(config, { data, out: at("run"), workers: 2 });
}, PATIENCE);
afterAll(() => rmSync(folder, { recursive: true }));

/** The report as if the engine of its first point had been synthesised. */
function finalist(): DesignReport {
  const [first, ...rest] = report.points;
  const resources = { dsp: 13, lut: 1200, lutRam: 34, ff: 900, blockRam: 2.5, carry: 1 };
  const checked = "netlist simulated, 0 of 9 words differ";
  const engine = { ...first.engine, resources };
  const synthesis = { family: "xc7", tool: "Yosys", resources, checked, misses: [] } as const;
  return { ...report, points: [{ ...first, engine, synthesis }, ...rest] };
}

describe("a run", { timeout: PATIENCE }, () => {
  it("trains the shapes it says, and drops those it says", () => {
    expect(report.shapes).toHaveLength(4);
    expect(report.shapes.map(({ rungs }) => rungs.length).sort()).toEqual([1, 2, 2, 2]);
    expect(report.shapes.filter(({ finished }) => finished)).toHaveLength(2);
    const finished = report.shapes.filter((shape) => shape.finished).map(({ blocks }) => blocks.join());
    expect([...new Set(report.points.map(({ blocks }) => blocks.join()))].sort()).toEqual(finished.sort());
    expect(report.points.length).toBeGreaterThanOrEqual(2);
  });

  it("has in every point what its file is and answers", () => {
    const { images, labels } = readImageSet(data, "test");
    for (const point of report.points) {
      const bytes = new Uint8Array(readFileSync(at("run", point.files.model)));
      expect(bytes.length).toBe(point.bytes);
      const model = readModel(bytes);
      const bits = model.operations.flatMap((operation) =>
        "weights" in operation ? [[operation.name, operation.weightBits ?? 16]] : [],
      );
      expect(Object.fromEntries(bits)).toEqual(point.bits);
      expect(model.operations.flatMap((operation) => ("k" in operation ? [operation.k] : []))).toEqual(point.blocks);
      using session = Session.fromModel(model);
      const { data: words } = session.runSync({ input: images }).words;
      const right = labels.filter((label, n) => {
        const own = [...words.subarray(10 * n, 10 * n + 10)];
        return own.indexOf(Math.max(...own)) === label;
      });
      expect(right.length / labels.length).toBe(point.accuracy);
      expect(point.misses.includes("accuracy")).toBe(point.accuracy < 0.7);
    }
  });

  it("calls those points the front that no other beats, and rivals beaten that are", () => {
    const numbers = ({ accuracy, bytes, cycles, microseconds }: DesignReport["points"][number]) => {
      return [-accuracy, bytes, cycles, microseconds];
    };
    for (const point of report.points) {
      const beaten = report.points.some((other) => {
        const pairs = numbers(other).map((value, i) => [value, numbers(point)[i]]);
        return pairs.every(([a, b]) => a <= b) && pairs.some(([a, b]) => a < b);
      });
      expect(point.pareto).toBe(!beaten);
    }
    expect(report.rivals.map(({ name }) => name)).toEqual(["mnist-mlp", "mnist-cnn"]);
    for (const { point, rival, axes } of report.beats) {
      const own = report.points.find(({ id }) => id === point);
      const other = report.rivals.find(({ name }) => name === rival);
      expect(own && other && own.accuracy >= other.accuracy).toBe(true);
      for (const axis of axes) expect(own && other && own[axis] < other[axis]).toBe(true);
    }
  });

  it("is the same again, with another number of workers", async () => {
    const again = await design(config, { data, out: at("again"), workers: 1 });
    expect(comparable(again)).toEqual(comparable(report));
    expect(new Set(idsIn("again"))).toEqual(new Set(idsIn("run")));
  });

  it("goes on from its journal after every job, and does none again", async () => {
    const whole = readFileSync(at("run", JOURNAL), "utf8").trimEnd().split("\n");
    const asked: string[] = [];
    const counting = (): Dispatcher => {
      const processes = hireProcesses({ config, data }, 2);
      const submit: Dispatcher["submit"] = (order, onProgress) => {
        asked.push(order.id);
        return processes.submit(order, onProgress);
      };
      return { ...processes, submit };
    };
    for (const kept of [4, 11, whole.length - 1]) {
      asked.length = 0;
      writeFileSync(at("again", JOURNAL), `${whole.slice(0, kept).join("\n")}\n{"id":"cut`);
      for (const file of new Set(whole.slice(1, kept).flatMap((line) => Object.values(JSON.parse(line).files)))) {
        expect(existsSync(at("again", "files", String(file)))).toBe(true);
      }
      const resumed = await design(config, { data, out: at("again"), resume: true, dispatcher: counting });
      expect(comparable(resumed)).toEqual(comparable(report));
      const done = whole.slice(1, kept).map((line) => JSON.parse(line).id);
      const expected = whole.slice(kept).map((line) => JSON.parse(line).id as string);
      expect([...asked].sort()).toEqual(expected.filter((id) => !id.startsWith("times")).sort());
      expect(new Set(idsIn("again"))).toEqual(new Set([...done, ...expected]));
      expect(idsIn("again")).toHaveLength(done.length + expected.length);
    }
  });

  it("keeps what is finished when it is stopped, and is then resumed", async () => {
    const abort = new AbortController();
    const reason = new Error("stopped");
    const onProgress = ({ job }: { readonly job: string }) => {
      if (job.startsWith("train")) abort.abort(reason);
    };
    const stopped = design(config, { data, out: at("stopped"), workers: 2, signal: abort.signal, onProgress });
    await expect(stopped).rejects.toBe(reason);
    const before = idsIn("stopped");
    expect(before).toContain("start");
    expect(before.length).toBeLessThan(idsIn("run").length);
    const resumed = await design(config, { data, out: at("stopped"), workers: 2, resume: true });
    expect(comparable(resumed)).toEqual(comparable(report));
    expect(idsIn("stopped").slice(0, before.length)).toEqual(before);
    expect(new Set(idsIn("stopped")).size).toBe(idsIn("stopped").length);
  });

  it("is not begun over another, nor resumed with another configuration", async () => {
    await expect(design(config, { data, out: at("run") })).rejects.toThrow(/expected no run in this folder/);
    const other = parseDesign({ ...SMALL, weightBits: [9, 16] });
    const resumed = design(other, { data, out: at("run"), resume: true });
    await expect(resumed).rejects.toThrow(OptionError);
  });
});

describe("the page of a report", () => {
  it("asks for nothing from elsewhere, and links to files that are there", () => {
    const page = reportPage(report);
    expect(page.match(/https?:\/\/[^"]*/g)).toEqual(["http://www.w3.org/2000/svg"]);
    expect(page).not.toMatch(/<link|<img|@import|url\(|\ssrc=/);
    const json = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(page)?.[1] ?? "";
    const { marks } = JSON.parse(json) as PageData;
    expect(marks).toHaveLength(report.points.length + report.rivals.length);
    for (const { links, rival } of marks) {
      expect(links).toHaveLength(rival ? 0 : 4);
      for (const [, file] of links) expect(existsSync(at("run", file))).toBe(true);
    }
  });

  it("shows synthesis beside the model for finalists, and nothing of it without them", () => {
    const page = reportPage(finalist());
    expect(page).toContain("Engines of the finalists");
    expect(page).toContain("0 of 9 words differ");
    expect(page).toContain("<td>1,234</td>");
    expect(reportPage(report)).not.toContain("Engines of the finalists");
  });

  it.each(["without", "with"])(
    "has a head for every column, and a program that stands by itself, %s finalists",
    (which) => {
      const page = reportPage(which === "with" ? finalist() : report);
      for (const [table] of page.matchAll(/<table>.*?<\/table>/gs)) {
        const heads = table.match(/<th\b/g)?.length;
        const [, ...rows] = table.split("<tr");
        for (const row of rows.slice(1)) expect(row.match(/<td\b/g)?.length, row).toBe(heads);
      }
      const program = /<script>\((.*)\)\(JSON\.parse/s.exec(page)?.[1] ?? "";
      const free = new Function("document", "navigator", `"use strict"; return ${program};`);
      expect(free({}, {})).toBeTypeOf("function");
      expect(program).not.toMatch(/\bimport\b|\brequire\b|__vi/);
    },
  );
});

describe("a point", { timeout: PATIENCE }, () => {
  it("is made again to the byte from its point.json", async () => {
    for (const point of report.points) {
      const value: unknown = JSON.parse(readFileSync(at("run", point.files.point), "utf8"));
      const bytes = await rebuild(value, { data, threads: 2 });
      expect(Buffer.compare(bytes, readFileSync(at("run", point.files.model)))).toBe(0);
    }
  });

  it("is not called the same if it is not, nor made of other images", async () => {
    const value = JSON.parse(readFileSync(at("run", report.points[0].files.point), "utf8"));
    const wrong = { ...value, sha256: "0".repeat(64) };
    await expect(rebuild(wrong, { data, threads: 1 })).rejects.toThrow(MismatchError);
    await expect(rebuild({ ...value, data: "0" }, { data, threads: 1 })).rejects.toThrow(DataError);
    await expect(rebuild(SMALL, { data, threads: 1 })).rejects.toThrow(/expected the point.json of a run/);
  });
});

it("a journal that is no text of ours is refused before anything is done", async () => {
  appendFileSync(at("again", JOURNAL), "nonsense\n");
  await expect(design(config, { data, out: at("again"), resume: true })).rejects.toThrow(DataError);
});
