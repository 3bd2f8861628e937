import { SimulationError } from "../../errors.ts";
import type { Design, RunRequest, RunResult, TraceTable } from "./design.ts";
import type { Ports } from "./netlist.ts";
import { didNotFinish } from "./request.ts";
import type { ExternalName } from "./tools.ts";

function undefinedValue(simulator: ExternalName, port: string, cycle: number, text: string): SimulationError {
  return new SimulationError(`port ${port}: expected a defined value in cycle ${cycle}, got ${text}`, {
    simulator,
    port,
    cycle,
  });
}

/** The value of a port printed in hexadecimal, in two's complement if it is signed. */
function portValue(simulator: ExternalName, shapes: Ports, port: string, cycle: number, text: string): bigint {
  if (/[^0-9a-f]/i.test(text)) throw undefinedValue(simulator, port, cycle, text);
  const { width, signed } = shapes.get(port) ?? { width: 0, signed: false };
  const value = BigInt(`0x${text}`);
  return signed ? BigInt.asIntN(width, value) : value;
}

/** Reads what the bench writes at its end. */
export function readResult(
  simulator: ExternalName,
  design: Design,
  shapes: Ports,
  request: RunRequest,
  text: string,
): Pick<RunResult, "cycles" | "outputs"> {
  const [end, ...values] = text.trim().split("\n");
  const [how, number] = end.split(" ");
  const cycles = Number(number);
  if (how === "unknown") throw undefinedValue(simulator, "done_o", cycles, "x");
  if (how !== "done") throw didNotFinish(simulator, design.top, request.maxCycles);
  return {
    cycles,
    outputs: Object.fromEntries(
      design.outputs.map((name, i) => [name, Number(portValue(simulator, shapes, name, cycles, values[i]))]),
    ),
  };
}

/** Reads the rows of all channels. */
export function readTrace(
  simulator: ExternalName,
  design: Design,
  shapes: Ports,
  text: string,
): Record<string, TraceTable> {
  const rows: string[][][] = design.trace.map(() => []);
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const [channel, ...row] = line.split(" ");
    const index = Number(channel);
    if (row[1] !== "1") throw undefinedValue(simulator, design.trace[index].enable, Number(row[0]), row[1]);
    rows[index].push(row);
  }
  return Object.fromEntries(
    design.trace.map(({ name, ports }, i) => {
      const cycles = Uint32Array.from(rows[i], ([cycle]) => Number(cycle));
      const columns = ports.map((port, c) => {
        const values = rows[i].map((row) => portValue(simulator, shapes, port, Number(row[0]), row[2 + c]));
        const wide = (shapes.get(port)?.width ?? 0) > 32;
        return [port, wide ? BigInt64Array.from(values) : Int32Array.from(values, Number)] as const;
      });
      return [name, { cycles, ports: Object.fromEntries(columns) }];
    }),
  );
}
