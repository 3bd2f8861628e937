import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { addCycles } from "../../src/cli/cycles.ts";
import { addEmit } from "../../src/cli/emit.ts";
import { OptionError } from "../../src/errors.ts";
import { runCommand } from "./run-command.ts";

const MODEL = fileURLToPath(new URL("../../models/mnist-mlp.safetensors", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "circulant-cycles-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args: readonly string[]) => runCommand([addCycles, addEmit], args);

describe("circulant cycles", () => {
  it("says of the engine that emit writes the cycles of each operation and phase, and their milliseconds", async () => {
    const { out } = await run("cycles", MODEL, "--megahertz", "100", "--json");
    const report = JSON.parse(out);
    expect(report).toMatchObject({ engine: "engine", latency: 13391, steady: 13396 });
    expect(report.milliseconds).toEqual({ latency: 0.1339, steady: 0.134 });
    expect(report.operations).toHaveLength(4);
    const phases: { cycles: number }[] = report.operations.flatMap(
      (operation: { phases: object[] }) => operation.phases,
    );
    expect(phases.reduce((sum, { cycles }) => sum + cycles, 0)).toBe(report.steady);
    const emitted = await run("emit", MODEL, "--out", folder, "--json");
    expect(JSON.parse(emitted.out).parameters).toEqual(report.parameters);
  });

  it("prints them as a table with the phases that occur", async () => {
    const { out } = await run("cycles", MODEL, "--megahertz", "100");
    const [head] = out.split("\n").filter((line) => line.includes("operation"));
    expect(head.replace(/\s+/g, " ")).toContain(
      "│ receive │ load │ forward │ multiply │ inverse │ unload │ transmit │ all │ ms",
    );
    expect(head).not.toContain("slide");
    expect(out).toMatch(/dense2 .* 516 .* 1312 .* 2058 .* 1312 .* 520 .* 5720 .* 0\.0572/);
    expect(out).toContain("one vector: 13391 cycles from the first beat in to the last beat out, 0.1339 ms at 100 MHz");
  });

  it("says the same of the streaming engine", async () => {
    const args = ["cycles", MODEL, "--engine", "pipeline", "--blocks", "16"];
    expect(JSON.parse((await run(...args, "--json")).out)).toMatchObject({
      engine: "pipeline",
      latency: 1358,
      steady: 382.5,
    });
    const { out } = await run(...args, "--megahertz", "50");
    expect(out).toContain("in a steady stream: 382.5 cycles a vector, 0.00765 ms at 50 MHz");
  });

  it.each([
    ["cycles", ["--paths", "8"], "--paths: expected --engine pipeline, got engine"],
    ["cycles", ["--engine", "pipeline", "--lanes", "4"], "--lanes: expected --engine engine, got pipeline"],
    ["emit", ["--slots", "2", "--out", "DIR"], "--slots: expected --engine pipeline, got engine"],
  ])("%s refuses an option of the other engine", async (name, args, message) => {
    const wrong = run(name, MODEL, ...args.map((arg) => (arg === "DIR" ? folder : arg)));
    await expect(wrong).rejects.toThrow(OptionError);
    await expect(wrong).rejects.toThrow(message);
  });
});
