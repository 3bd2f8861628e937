import { closeSync, openSync, readSync } from "node:fs";
import { settledAt } from "./bench.ts";
import type { WaveRequest } from "./design.ts";
import { selectNets } from "./scopes.ts";
import { vcdWriter } from "./vcd.ts";

/** A signal as a dump declares it. */
interface Variable {
  readonly path: string;
  readonly code: string;
  readonly width: number;
  readonly low: number;
}

/** Instance of the design in the bench. */
const INSTANCE = "dut";

/**
 * Writes the dump of a bench anew, as the compiled simulation writes its own: names below the top module, and for each
 * cycle the values that the signals settle to.
 *
 * @param path a value change dump of Icarus Verilog or Verilator
 * @throws SimulationError if the request names what the design does not have
 */
export function rewriteDump(path: string, top: string, request: WaveRequest): void {
  const { from = 0, to = Number.POSITIVE_INFINITY } = request;
  const lines = linesOf(path);
  const variables = readHeader(lines);
  const clock = variables.find((variable) => variable.path === "clk")?.code;
  const chosen = selectNets(top, variables, request.scopes);
  const codes = [...new Set(chosen.map(({ code }) => code))];
  const numbers = new Map(codes.map((code, i) => [code, i]));
  const signals = chosen.map(({ path, width, low, code }) => ({
    ...{ path, width, low },
    ...(code === clock ? {} : { address: numbers.get(code) }),
  }));
  const writer = vcdWriter(top, signals, request.write);
  const outputs = new Map(
    chosen.map(({ code, width }, i) => [code, { code: writer.codes[i], width, written: "", bits: "" }]),
  );
  if (clock !== undefined) outputs.delete(clock);

  let cycle = from;
  const settle = () => {
    writer.cycle(cycle++);
    for (const output of outputs.values()) {
      if (output.bits === output.written) continue;
      output.written = output.bits;
      writer.value(output.code, output.bits, output.width);
    }
  };
  for (const line of lines) {
    if (line.startsWith("#")) {
      const time = Number(line.slice(1));
      while (cycle <= to && time > settledAt(cycle)) settle();
      continue;
    }
    const change = /^(?:b([01xz]+)\s+|([01xz]))(\S+)$/i.exec(line);
    const output = change && outputs.get(change[3]);
    if (output) output.bits = extended((change[1] ?? change[2]).toLowerCase(), output.width);
  }
  if (cycle <= to) settle();
  writer.end();
}

/** Bits at full width: readers put zeros in front, or more of an undefined highest bit. */
function extended(bits: string, width: number): string {
  return bits.padStart(width, bits[0] === "1" ? "0" : bits[0]).slice(-width);
}

/** The signals of the design; parameters and words of arrays are left out. */
function readHeader(lines: Iterator<string>): readonly Variable[] {
  const variables: Variable[] = [];
  const scopes: string[] = [];
  for (let { done, value } = lines.next(); !done; { done, value } = lines.next()) {
    const [keyword, type, width, code, name, range] = value.trim().split(/\s+/);
    if (keyword === "$scope") scopes.push(width);
    if (keyword === "$upscope") scopes.pop();
    if (keyword === "$enddefinitions") break;
    const inside = scopes.slice(scopes.indexOf(INSTANCE) + 1);
    if (keyword !== "$var" || type === "parameter" || !scopes.includes(INSTANCE) || name.endsWith("]")) continue;
    const low = Number(/(\d+)\]$/.exec(range ?? "")?.[1] ?? 0);
    variables.push({ path: [...inside, name].join("."), code, width: Number(width), low });
  }
  return variables;
}

function* linesOf(path: string): Generator<string, undefined> {
  const file = openSync(path, "r");
  try {
    const buffer = Buffer.alloc(1 << 20);
    let rest = "";
    for (let length = readSync(file, buffer); length > 0; length = readSync(file, buffer)) {
      const lines = (rest + buffer.toString("latin1", 0, length)).split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
    }
    if (rest !== "") yield rest;
  } finally {
    closeSync(file);
  }
}
