import { describe, expect, it } from "vitest";
import { SimulationError } from "../../../src/errors.ts";
import type { Design, RunRequest, RunResult, Simulation } from "../../../src/rtl/simulate/design.ts";
import { openSimulation } from "../../../src/rtl/simulate/open.ts";
import { CACHE, describeOn, FIFO, fixture, randomWords, SIMULATORS } from "./simulators.ts";

const MAC = fixture("mac_bench", {
  memories: [
    { path: "operands", width: 160, depth: 256 },
    { path: "results", width: 80, depth: 64 },
  ],
  trace: [{ name: "write", enable: "write_o", ports: ["acc_o", "time_o", "lane_o"] }],
  outputs: ["acc_o"],
});

const MEMORY = fixture("memory_bench", {
  memories: [
    { path: "shared", width: 8, depth: 16 },
    { path: "bytes", width: 32, depth: 8 },
  ],
  trace: [
    {
      name: "step",
      enable: "step_o",
      ports: ["state_o", "sum_o", "at_once_o", "registered_o", "held_o", "initial_o"],
    },
  ],
  outputs: ["sum_o"],
});

const RESET = fixture("reset_bench", {
  trace: [{ name: "step", enable: "step_o", ports: ["count_o", "shown_o", "state_o", "pulled_o"] }],
  outputs: ["count_o", "shown_o"],
});

const FIFO_WORDS = randomWords(256, 1).map((word) => word & 0xffff);
const CASES: readonly { readonly name: string; readonly design: Design; readonly requests: readonly RunRequest[] }[] = [
  {
    name: "a FIFO",
    design: FIFO,
    requests: [
      {
        inputs: { count_i: 200, seed_i: 0x1234567 },
        load: [{ path: "words", words: FIFO_WORDS }],
        maxCycles: 5000,
        trace: true,
      },
      { inputs: { count_i: 100, seed_i: 99 }, maxCycles: 5000, trace: true },
      {
        inputs: { count_i: 100, seed_i: 99 },
        load: [{ path: "words", words: Uint32Array.of(7, 8, 9), offset: 50 }],
        maxCycles: 5000,
        trace: true,
        read: [{ path: "words", offset: 49, count: 5 }],
      },
    ],
  },
  {
    name: "multiply-accumulate lanes",
    design: MAC,
    requests: [
      {
        inputs: { count_i: 200 },
        load: [
          { path: "operands", words: randomWords(5 * 256, 2) },
          { path: "results", words: new Uint32Array(3 * 64) },
        ],
        read: [{ path: "results", offset: 8, count: 40 }],
        maxCycles: 1000,
        trace: true,
      },
    ],
  },
  {
    name: "memories and a state machine",
    design: MEMORY,
    requests: [
      {
        inputs: { steps_i: 250 },
        read: [
          { path: "shared", offset: 0, count: 16 },
          { path: "bytes", offset: 0, count: 8 },
        ],
        maxCycles: 1000,
        trace: true,
      },
      { inputs: { steps_i: 77 }, maxCycles: 1000, trace: true },
    ],
  },
  {
    name: "asynchronous resets",
    design: RESET,
    requests: [
      { inputs: { steps_i: 200 }, maxCycles: 1000, trace: true },
      { inputs: { steps_i: 3 }, maxCycles: 1000, trace: true },
    ],
  },
];

async function runAll(simulation: Simulation, requests: readonly RunRequest[]): Promise<RunResult[]> {
  const results: RunResult[] = [];
  for (const request of requests) results.push(await simulation.run(request));
  return results;
}

const open = (name: (typeof SIMULATORS)[number], design: Design) =>
  openSimulation(name, design, { cacheDirectory: CACHE });

for (const { name, design, requests } of CASES) {
  const expected = openSimulation("wasm", design, { cacheDirectory: CACHE }).then((wasm) => runAll(wasm, requests));
  for (const simulator of SIMULATORS.slice(1)) {
    describeOn(simulator, name, () => {
      it("gives the results and traces of the simulator in WebAssembly", async () => {
        const results = await runAll(await open(simulator, design), requests);
        expect(results).toEqual(await expected);
      });
    });
  }
}

for (const simulator of SIMULATORS) {
  describeOn(simulator, "a simulation", () => {
    it("passes the words of a FIFO in order and records each", async () => {
      const simulation = await open(simulator, FIFO);
      const { outputs, trace, cycles } = await simulation.run(CASES[0].requests[0]);
      const { word_o, level_o } = trace.beat.ports;
      expect(outputs).toEqual({ received_o: 200, level_o: 0 });
      expect(word_o).toEqual(Int32Array.from(FIFO_WORDS.subarray(0, 200), (word) => (word << 16) >> 16));
      expect(Math.max(...Array.from(level_o, Number))).toBe(5);
      expect(trace.beat.cycles.at(-1)).toBe(cycles - 1);
    });

    it("keeps the words of its memories from run to run and starts all else anew", async () => {
      const simulation = await open(simulator, FIFO);
      const [, second, third] = await runAll(simulation, CASES[0].requests);
      expect(second.trace.beat.ports.word_o.slice(0, 100)).toEqual(
        Int32Array.from(FIFO_WORDS.subarray(0, 100), (word) => (word << 16) >> 16),
      );
      expect([...third.memories[0]]).toEqual([FIFO_WORDS[49], 7, 8, 9, FIFO_WORDS[53]]);
      expect(third.cycles).toBe(second.cycles);
    });

    it("takes parameters, and shows the one word that a planted fault changes", async () => {
      const memories = [{ path: "words", width: 11, depth: 256 }];
      const faulty = await open(simulator, { ...FIFO, parameters: { FAULT: 1, WIDTH: 11 }, memories });
      const { trace } = await faulty.run(CASES[0].requests[0]);
      const expected = Int32Array.from(FIFO_WORDS.subarray(0, 200), (word) => (word << 21) >> 21);
      expected[7] ^= 1;
      expect(trace.beat.ports.word_o).toEqual(expected);
    });

    it("reports a run that does not end", async () => {
      const simulation = await open(simulator, FIFO);
      const request = { ...CASES[0].requests[0], maxCycles: 40 };
      await expect(simulation.run(request)).rejects.toThrow("fifo_bench: expected done_o within 40 cycles");
    });

    it("ends in the last cycle that is allowed", async () => {
      const simulation = await open(simulator, FIFO);
      const { cycles } = await simulation.run(CASES[0].requests[0]);
      const request = { ...CASES[0].requests[0], maxCycles: cycles };
      expect((await simulation.run(request)).cycles).toBe(cycles);
      await expect(simulation.run({ ...request, maxCycles: cycles - 1 })).rejects.toThrow(SimulationError);
    });

    it("runs one request after the other when several are given at once", async () => {
      const simulation = await open(simulator, FIFO);
      const results = await Promise.all([1, 2, 3].map(() => simulation.run(CASES[0].requests[0])));
      expect(results[1]).toEqual(results[0]);
      expect(results[2]).toEqual(results[0]);
    });

    it("refuses requests that do not fit the design", async () => {
      const simulation = await open(simulator, FIFO);
      const good = CASES[0].requests[1];
      const bad: readonly (readonly [Partial<RunRequest>, string])[] = [
        [{ inputs: { count_i: 1 } }, "inputs: expected count_i, seed_i, got count_i"],
        [{ inputs: { count_i: 1, seed_i: 0, more_i: 1 } }, "inputs: expected count_i, seed_i"],
        [{ inputs: { count_i: 65536, seed_i: 0 } }, "input count_i: expected an integer of 16 bits, got 65536"],
        [{ inputs: { count_i: 0.5, seed_i: 0 } }, "input count_i: expected an integer of 16 bits, got 0.5"],
        [{ load: [{ path: "u_no.mem", words: Uint32Array.of(1) }] }, "memory u_no.mem: expected one of"],
        [{ load: [{ path: "words", words: Uint32Array.of(1), offset: 256 }] }, "memory words: expected whole words"],
        [{ read: [{ path: "words", offset: 250, count: 7 }] }, "memory words: expected whole words"],
        [{ maxCycles: -1 }, "maxCycles: expected"],
      ];
      for (const [change, message] of bad) {
        await expect(simulation.run({ ...good, ...change })).rejects.toThrow(message);
      }
    });

    it("refuses designs without what they name", async () => {
      const bad: readonly (readonly [Partial<Design>, string])[] = [
        [{ outputs: ["nothing_o"] }, "port nothing_o: expected an output"],
        [{ trace: [{ name: "a", enable: "word_o", ports: [] }] }, "port word_o: expected an output of 1 bit"],
        [{ top: "absent" }, "absent"],
        [{ parameters: { NOTHING: 1 } }, "NOTHING"],
        [{ parameters: { WIDTH: 1.5 } }, "parameter WIDTH: expected an integer of 32 bits, got 1.5"],
        [{ sources: [{ name: "a.v", text: "module a(" }], top: "a" }, "syntax error"],
      ];
      for (const [change, message] of bad) {
        await expect(open(simulator, { ...FIFO, ...change })).rejects.toThrow(message);
      }
    });
  });
}

describe("the simulator in WebAssembly", () => {
  it("names a memory that is missing or of another size", async () => {
    const missing = { ...FIFO, memories: [{ path: "u_no.mem", width: 16, depth: 256 }] };
    await expect(open("wasm", missing)).rejects.toThrow("memory u_no.mem: expected one of mem, words");
    const narrow = { ...FIFO, memories: [{ path: "words", width: 8, depth: 256 }] };
    await expect(open("wasm", narrow)).rejects.toThrow("memory words: expected 256 words of 8 bits");
  });

  it("records more rows than its buffer holds", async () => {
    const design = { ...MAC, trace: [{ name: "all", enable: "always_o", ports: ["time_o", "count_o"] }] };
    const text = `module counter (input wire clk, input wire rst_i, input wire [31:0] until_i, output wire done_o,
      output wire always_o, output reg signed [31:0] count_o, output wire [63:0] time_o);
      always @(posedge clk) if (rst_i) count_o <= -5; else count_o <= count_o + 1;
      assign always_o = 1'b1;
      assign time_o = {32'd7, count_o};
      assign done_o = count_o == until_i;
    endmodule`;
    const simulation = await open("wasm", {
      ...design,
      sources: [{ name: "counter.v", text }],
      top: "counter",
      memories: [],
      outputs: ["count_o"],
    });
    const { trace, cycles, outputs } = await simulation.run({
      inputs: { until_i: 100_000 },
      maxCycles: 200_000,
      trace: true,
    });
    expect(cycles).toBe(100_005);
    expect(outputs.count_o).toBe(100_000);
    expect(trace.all.cycles).toEqual(Uint32Array.from({ length: 100_006 }, (_, i) => i));
    expect(trace.all.ports.count_o).toEqual(Int32Array.from({ length: 100_006 }, (_, i) => i - 5));
    expect(trace.all.ports.time_o[0]).toBe((7n << 32n) + 0xfffffffbn);
  });

  it("does not run after it is disposed", async () => {
    const simulation = await open("wasm", FIFO);
    simulation.dispose();
    await expect(simulation.run(CASES[0].requests[0])).rejects.toThrow(SimulationError);
  });
});

describeOn("icarus", "undefined values", () => {
  const text = `module undefined_bench (input wire clk, input wire rst_i, input wire mode_i, output wire done_o,
    output wire valid_o, output wire [7:0] data_o, output reg [7:0] never_o);
    reg [7:0] mem [0:3];
    reg [3:0] t;
    always @(posedge clk) if (rst_i) t <= 0; else t <= t + 1;
    always @(posedge clk) if (t == 15) never_o <= t;
    assign done_o = t == 9;
    assign valid_o = mode_i ? never_o[0] : t == 5;
    assign data_o = mem[t[1:0]];
  endmodule`;
  const design: Design = {
    sources: [{ name: "undefined_bench.v", text }],
    top: "undefined_bench",
    parameters: {},
    memories: [{ path: "mem", width: 8, depth: 4 }],
    trace: [{ name: "data", enable: "valid_o", ports: ["data_o"] }],
    outputs: [],
  };
  const load = [{ path: "mem", words: Uint32Array.of(1, 2, 3, 4) }];

  it("are errors that name port and cycle", async () => {
    const simulation = await open("icarus", { ...design, outputs: ["never_o"] });
    const request = { inputs: { mode_i: 0 }, maxCycles: 20, trace: true };
    await expect(simulation.run(request)).rejects.toThrow("port never_o: expected a defined value in cycle 9, got xx");
    const traced = await open("icarus", design);
    await expect(traced.run(request)).rejects.toThrow("port data_o: expected a defined value in cycle 5, got xx");
    await expect(traced.run({ ...request, inputs: { mode_i: 1 } })).rejects.toThrow(
      "port valid_o: expected a defined value in cycle 0, got x",
    );
    await expect(
      traced.run({ ...request, trace: false, read: [{ path: "mem", offset: 2, count: 1 }] }),
    ).rejects.toThrow("memory mem[2]: expected a defined word, got xx");
  });

  it("are no errors where nothing looks at them", async () => {
    const simulation = await open("icarus", design);
    const { trace } = await simulation.run({ inputs: { mode_i: 0 }, load, maxCycles: 20, trace: true });
    expect([...trace.data.ports.data_o]).toEqual([2]);
  });
});
