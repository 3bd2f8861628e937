import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SimulationError } from "../../../src/errors.ts";
import type { Design, RunRequest, SimulatorName, WaveRequest } from "../../../src/rtl/simulate/design.ts";
import { openSimulation } from "../../../src/rtl/simulate/open.ts";
import { openWaveFile } from "../../../src/rtl/simulate/wave-file.ts";
import { CACHE, describeOn, FIFO, randomWords, SIMULATORS } from "./simulators.ts";
import { bitsAt, type DumpedSignal, parseVcd } from "./vcd.ts";

const REQUEST: RunRequest = {
  inputs: { count_i: 60, seed_i: 0x1234567 },
  load: [{ path: "words", words: randomWords(256, 1).map((word) => word & 0xffff) }],
  maxCycles: 5000,
  trace: true,
};
const WINDOW = { from: 20, to: 69 };
/** Nanoseconds of a cycle, as docs/simulation.md says. */
const PERIOD = 10;

async function dump(simulator: SimulatorName, design: Design, waves: Omit<WaveRequest, "write"> = WINDOW) {
  const simulation = await openSimulation(simulator, design, { cacheDirectory: CACHE });
  const parts: string[] = [];
  const write = (text: string) => parts.push(text);
  const result = await simulation.run({ ...REQUEST, waves: { ...waves, write } });
  simulation.dispose();
  const text = parts.join("");
  return { result, text, signals: parseVcd(text) };
}

function signal(signals: ReadonlyMap<string, DumpedSignal>, name: string): DumpedSignal {
  const found = signals.get(name);
  if (found === undefined) throw new Error(`expected ${name} among ${[...signals.keys()].join(", ")}`);
  return found;
}

function valueAt(signals: ReadonlyMap<string, DumpedSignal>, name: string, cycle: number): bigint {
  return BigInt(`0b${bitsAt(signal(signals, name), PERIOD * cycle) ?? "none"}`);
}

for (const simulator of SIMULATORS) {
  describeOn(simulator, "waveforms", () => {
    it("hold the values that the trace records, cycle for cycle, and change no result", async () => {
      const { result, signals } = await dump(simulator, FIFO);
      const plain = await openSimulation(simulator, FIFO, { cacheDirectory: CACHE });
      expect(await plain.run(REQUEST)).toEqual(result);
      const { cycles, ports } = result.trace.beat;
      const rows = new Map([...cycles].map((cycle, row) => [cycle, row]));
      let inside = 0;
      for (let cycle = WINDOW.from; cycle <= WINDOW.to; cycle++) {
        const row = rows.get(cycle);
        expect(valueAt(signals, "fifo_bench.beat_o", cycle)).toBe(row === undefined ? 0n : 1n);
        if (row === undefined) continue;
        inside++;
        const word = BigInt.asIntN(16, valueAt(signals, "fifo_bench.word_o", cycle));
        expect(word).toBe(BigInt(ports.word_o[row]));
        expect(valueAt(signals, "fifo_bench.level_o", cycle)).toBe(BigInt(ports.level_o[row]));
      }
      expect(inside).toBeGreaterThan(5);
    });

    it("hold no cycle outside of the window, and the clock in it", async () => {
      const { signals } = await dump(simulator, FIFO);
      const times = [...signals.values()].flatMap(({ changes }) => changes.map(([time]) => time));
      expect(Math.min(...times)).toBe(PERIOD * WINDOW.from);
      expect(Math.max(...times)).toBe(PERIOD * WINDOW.to + PERIOD / 2);
      const { changes } = signal(signals, "fifo_bench.clk");
      const edges = Array.from({ length: 50 }, (_, i) => [
        [PERIOD * (WINDOW.from + i), "1"],
        [PERIOD * (WINDOW.from + i) + PERIOD / 2, "0"],
      ]);
      expect(changes).toEqual(edges.flat());
    });

    it("are those of the chosen signals", async () => {
      const { signals } = await dump(simulator, FIFO, { ...WINDOW, scopes: ["fifo_bench.head_q", "level_o"] });
      expect([...signals.keys()].sort()).toEqual(["fifo_bench.head_q", "fifo_bench.level_o"]);
    });

    it("of a scope that is not there are refused with those that are", async () => {
      const missing = dump(simulator, FIFO, { ...WINDOW, scopes: ["u_fifo"] });
      await expect(missing).rejects.toThrow(SimulationError);
      await expect(missing).rejects.toThrow(/scope u_fifo: expected a scope or signal of fifo_bench, as .*level_o/);
    });
  });
}

for (const simulator of SIMULATORS.slice(1)) {
  describeOn(simulator, "waveforms", () => {
    it("agree with those of the simulator in WebAssembly in every signal that it has", async () => {
      const [expected, got] = [await dump("wasm", FIFO), await dump(simulator, FIFO)];
      expect(expected.signals.size).toBeGreaterThan(15);
      for (const [name, one] of expected.signals) {
        const other = signal(got.signals, name);
        expect([name, other.width, other.range]).toEqual([name, one.width, one.range]);
        for (let time = PERIOD * WINDOW.from; time < PERIOD * (WINDOW.to + 1); time += PERIOD / 2) {
          expect([name, time, bitsAt(other, time)]).toEqual([name, time, bitsAt(one, time)]);
        }
      }
    });
  });
}

describe("waveforms in WebAssembly", () => {
  it("name the signals of every instance, with their ranges", async () => {
    const text = `module cell_m (input wire clk, input wire [3:0] d_i, output reg [7:4] q_o);
        always @(posedge clk) q_o <= d_i;
      endmodule
      module bench (input wire clk, input wire rst_i, output wire done_o);
        reg [3:0] time_q;
        always @(posedge clk) if (rst_i) time_q <= 0; else time_q <= time_q + 4'd1;
        wire [3:0] out [0:1];
        genvar i;
        generate for (i = 0; i < 2; i = i + 1) begin : g_cell
          cell_m u_cell (.clk(clk), .d_i(time_q ^ i), .q_o(out[i]));
        end endgenerate
        assign done_o = time_q == 9 && out[0] != out[1];
      endmodule`;
    const design = { sources: [{ name: "bench.v", text }], top: "bench", parameters: {}, memories: [], trace: [] };
    const simulation = await openSimulation("wasm", { ...design, outputs: [] }, { cacheDirectory: CACHE });
    let dumped = "";
    await simulation.run({ inputs: {}, maxCycles: 20, waves: { write: (part) => (dumped += part) } });
    const signals = parseVcd(dumped);
    for (const i of [0, 1]) {
      const name = `bench.g_cell[${i}].u_cell.q_o`;
      expect(signal(signals, name)).toMatchObject({ width: 4, range: "[7:4]" });
      for (let cycle = 1; cycle < 10; cycle++) expect(valueAt(signals, name, cycle)).toBe(BigInt((cycle - 1) ^ i));
    }
    expect(signal(signals, "bench.g_cell[1].u_cell.clk").changes).toHaveLength(20);
  });

  it("show how far a run came that does not end", async () => {
    const simulation = await openSimulation("wasm", FIFO, { cacheDirectory: CACHE });
    const parts: string[] = [];
    const write = (text: string) => parts.push(text);
    const run = simulation.run({ ...REQUEST, maxCycles: 30, waves: { from: 25, write } });
    await expect(run).rejects.toThrow("expected done_o within 30 cycles");
    expect(parts.join("")).toMatch(new RegExp(`#${PERIOD * 30}\\n(.*\\n)*#${PERIOD * 31}\\n$`));
  });

  it("are refused for a window that ends before it begins", async () => {
    await expect(dump("wasm", FIFO, { from: 9, to: 8 })).rejects.toThrow("the last not before the first, got 9 to 8");
  });
});

describe("a file for waveforms", () => {
  const convert = spawnSync("vcd2fst", ["--help"]).error === undefined;

  it("whose name ends in .fst is made by vcd2fst, or refused with the remedy", async () => {
    const folder = mkdtempSync(join(tmpdir(), "circulant-waves-"));
    try {
      const path = join(folder, "waves.fst");
      if (!convert) {
        expect(() => openWaveFile(path)).toThrow(/expected vcd2fst for an FST, got none: apt-get install gtkwave/);
        expect(existsSync(path)).toBe(false);
        return;
      }
      const file = openWaveFile(path);
      file.write((await dump("wasm", FIFO)).text);
      file.close();
      expect(readFileSync(path).length).toBeGreaterThan(100);
      expect(existsSync(`${path}.vcd`)).toBe(false);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
