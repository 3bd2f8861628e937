import { PERIOD } from "./vcd.ts";

/** The cycles in which a signal of one bit is high, from the dump of a compiled simulation that has no other signal. */
export function highCycles(dump: string): readonly number[] {
  const cycles: number[] = [];
  let from = 0;
  let high = false;
  const [, ...lines] = dump.slice(dump.indexOf("$enddefinitions")).split("\n");
  for (const line of lines) {
    if (line.startsWith("#")) {
      const to = Number(line.slice(1)) / PERIOD;
      if (high) for (let cycle = from; cycle < to; cycle++) cycles.push(cycle);
      from = to;
    } else if (line !== "") {
      high = line[0] === "1";
    }
  }
  return cycles;
}
