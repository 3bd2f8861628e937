import type { Random } from "../../contract/random.ts";
import type { ModuleBench, Values } from "./bench.ts";

const CYCLES = 600;

/** Memories and the queue, whose words are known from the first write on. */
export function storageBenches(random: Random): ModuleBench[] {
  return [
    ...[
      [8, 3],
      [37, 5],
    ].map(([WIDTH, ADDRESS_WIDTH]) => memoryBench({ WIDTH, ADDRESS_WIDTH }, random)),
    ...[2, 6].map((ADDRESS_WIDTH) => romBench({ WIDTH: 16, ADDRESS_WIDTH }, random)),
    ...[1, 2, 4].map((ADDRESS_WIDTH) => fifoBench({ WIDTH: 17, ADDRESS_WIDTH }, random)),
    ...[3, 6].map((ADDRESS_WIDTH) => bankedBench("paired_memory", { WIDTH: 16, ADDRESS_WIDTH }, random)),
    ...[4, 7].map((ADDRESS_WIDTH) => bankedBench("ternary_memory", { WIDTH: 16, ADDRESS_WIDTH }, random)),
  ];
}

function memoryBench(parameters: { WIDTH: number; ADDRESS_WIDTH: number }, random: Random): ModuleBench {
  const words = new Map<number, number>();
  const stimulus: Values[] = [];
  const expected: Values[] = [{}];
  for (let cycle = 0; cycle < CYCLES; cycle++) {
    const address = () => random(2 ** parameters.ADDRESS_WIDTH);
    const row = { write_i: random(2), write_address_i: address(), data_i: random(256), read_address_i: address() };
    stimulus.push(row);
    const read = words.get(row.read_address_i);
    expected.push(read === undefined ? {} : { data_o: read });
    if (row.write_i) words.set(row.write_address_i, row.data_i);
  }
  return { module: "memory", parameters, stimulus, expected: expected.slice(0, CYCLES) };
}

function romBench(parameters: { WIDTH: number; ADDRESS_WIDTH: number }, random: Random): ModuleBench {
  const words = Array.from({ length: 2 ** parameters.ADDRESS_WIDTH }, () => random(65536));
  const stimulus = Array.from({ length: CYCLES }, () => {
    return { address_a_i: random(words.length), address_b_i: random(words.length) };
  });
  const after = stimulus.map((row) => ({ data_a_o: words[row.address_a_i], data_b_o: words[row.address_b_i] }));
  return {
    module: "rom",
    parameters,
    stimulus,
    expected: [{}, ...after.slice(0, -1)],
    contents: [{ path: "mem", width: 16, words }],
  };
}

/** Writes where there is room, takes at random, resets now and then: level, head and order. */
function fifoBench(parameters: { WIDTH: number; ADDRESS_WIDTH: number }, random: Random): ModuleBench {
  const room = 2 ** parameters.ADDRESS_WIDTH;
  let queue: number[] = [];
  const stimulus: Values[] = [{ rst_i: 1 }];
  const expected: Values[] = [{}];
  for (let cycle = 1; cycle < CYCLES; cycle++) {
    // Long phases of filling and of emptying, so that both ends are met.
    const fills = Math.floor(cycle / 25) % 2 === 0;
    const [rst_i, data_i] = [random(90) === 0 ? 1 : 0, random(2 ** 17)];
    const write_i = queue.length < room && random(4) < (fills ? 3 : 1) ? 1 : 0;
    const ready_i = random(4) < (fills ? 1 : 3) ? 1 : 0;
    stimulus.push({ rst_i, write_i, data_i, ready_i });
    expected.push({
      level_o: queue.length,
      valid_o: queue.length > 0 ? 1 : 0,
      ...(queue.length > 0 ? { data_o: queue[0] } : {}),
    });
    if (ready_i) queue.shift();
    if (write_i) queue.push(data_i);
    if (rst_i) queue = [];
  }
  return { module: "fifo", parameters, stimulus, expected };
}

/** Two words read and two written a cycle, at pairs of addresses that the banks keep apart. */
function bankedBench(
  module: string,
  parameters: { WIDTH: number; ADDRESS_WIDTH: number },
  random: Random,
): ModuleBench {
  const size = 2 ** parameters.ADDRESS_WIDTH;
  const words = new Map<number, number>();
  const pairOf = (): [number, number] => {
    const distance = 2 ** random(parameters.ADDRESS_WIDTH);
    const a = random(size);
    if (module === "paired_memory") return [a, a ^ distance];
    return a + distance < size ? [a, a + distance] : [a - distance, a];
  };
  const stimulus: Values[] = [];
  const expected: Values[] = [{}];
  for (let cycle = 0; cycle < CYCLES; cycle++) {
    const [read, write] = [pairOf(), pairOf()];
    const row = {
      read_address_a_i: read[0],
      read_address_b_i: read[1],
      write_a_i: random(2),
      write_b_i: random(2),
      write_address_a_i: write[0],
      write_address_b_i: write[1],
      data_a_i: random(65536),
      data_b_i: random(65536),
    };
    stimulus.push(row);
    const [a, b] = read.map((address) => words.get(address));
    expected.push({ ...(a === undefined ? {} : { data_a_o: a }), ...(b === undefined ? {} : { data_b_o: b }) });
    if (row.write_a_i) words.set(write[0], row.data_a_i);
    if (row.write_b_i) words.set(write[1], row.data_b_i);
  }
  return { module, parameters, stimulus, expected: expected.slice(0, CYCLES) };
}
