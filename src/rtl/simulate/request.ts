import { SimulationError } from "../../errors.ts";
import { type Design, limbs32, type MemoryPort, type RunRequest, type SimulatorName } from "./design.ts";

/** The inputs that a request gives: all but the clock and the reset. */
function given(ports: readonly { readonly name: string }[]): readonly string[] {
  return ports.map(({ name }) => name).filter((name) => name !== "clk" && name !== "rst_i");
}

/**
 * Checks a request against the design.
 *
 * @param ports the input ports; when a simulator does not know them, those of the request are taken as they are
 * @throws SimulationError if an input is missing, unknown or too large, or a memory range is outside
 */
export function checkRequest(
  design: Omit<Design, "sources">,
  ports: readonly { readonly name: string; readonly width: number }[],
  request: RunRequest,
): void {
  const names = given(ports);
  const wrong = [
    ...names.filter((name) => !(name in request.inputs)),
    ...Object.keys(request.inputs).filter((name) => !names.includes(name)),
  ];
  if (wrong.length > 0) {
    throw new SimulationError(
      `inputs: expected ${names.join(", ") || "none"}, got ${Object.keys(request.inputs).join(", ") || "none"}`,
      { top: design.top, inputs: wrong },
    );
  }
  for (const { name, width } of ports) {
    if (!(name in request.inputs)) continue;
    const value = request.inputs[name];
    if (!Number.isSafeInteger(value) || value < -(2 ** (width - 1)) || value >= 2 ** width) {
      throw new SimulationError(`input ${name}: expected an integer of ${width} bits, got ${value}`, { input: name });
    }
  }
  if (!Number.isSafeInteger(request.maxCycles) || request.maxCycles < 0 || request.maxCycles >= 2 ** 31) {
    throw new SimulationError(`maxCycles: expected an integer below 2^31, got ${request.maxCycles}`);
  }
  const { from = 0, to = from } = request.waves ?? {};
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from < 0 || to < from) {
    throw new SimulationError(`waves: expected cycles from 0 up, the last not before the first, got ${from} to ${to}`, {
      from,
      to,
    });
  }
  for (const { path, words, offset = 0 } of request.load ?? []) {
    const memory = memoryOf(design, path);
    checkRange(memory, offset, words.length / limbs32(memory.width));
  }
  for (const { path, offset, count } of request.read ?? []) checkRange(memoryOf(design, path), offset, count);
}

function memoryOf(design: Omit<Design, "sources">, path: string): MemoryPort {
  const found = design.memories.find((memory) => memory.path === path);
  if (found === undefined) {
    const known = design.memories.map((memory) => memory.path).join(", ") || "none";
    throw new SimulationError(`memory ${path}: expected one of the design's memories (${known})`, { path });
  }
  return found;
}

function checkRange({ path, depth }: MemoryPort, offset: number, count: number): void {
  if (!Number.isInteger(offset) || !Number.isInteger(count) || offset < 0 || count < 0 || offset + count > depth) {
    throw new SimulationError(
      `memory ${path}: expected whole words within 0 .. ${depth - 1}, got ${count} from ${offset}`,
      { path, offset, count, depth },
    );
  }
}

export function didNotFinish(simulator: SimulatorName, top: string, maxCycles: number): SimulationError {
  return new SimulationError(`${top}: expected done_o within ${maxCycles} cycles (${simulator}), got none`, {
    simulator,
    top,
    maxCycles,
  });
}

/** The function made so that a call waits until those before it have ended. */
export function serial<A, R>(run: (argument: A) => Promise<R>): (argument: A) => Promise<R> {
  let last: Promise<unknown> = Promise.resolve();
  return (argument) => {
    const result = last.then(() => run(argument));
    last = result.catch(() => undefined);
    return result;
  };
}
