import type { Description, Net } from "./description.ts";
import type { WaveRequest } from "./design.ts";
import { selectNets } from "./scopes.ts";
import { vcdWriter } from "./vcd.ts";

/** Writes the nets of a window of cycles. */
export interface WaveRecorder {
  /** Whether a cycle is in the window. */
  isOpen(cycle: number): boolean;
  /** Cycles from this one, outside the window, to the window; without end after it. */
  cyclesBefore(cycle: number): number;
  /** Writes what changed since the cycle before. */
  take(cycle: number): void;
  end(): void;
}

/**
 * Waveforms of a compiled simulation.
 *
 * @throws SimulationError if the request names what the design does not have
 */
export function recordWaves(
  { design, nets }: Description,
  memory: WebAssembly.Memory,
  request: WaveRequest,
): WaveRecorder {
  const { from = 0, to = Number.POSITIVE_INFINITY } = request;
  const chosen = selectNets(design.top, nets, request.scopes);
  const writer = vcdWriter(design.top, chosen, request.write);
  const seen = new Map<number, readonly [string, Net]>();
  chosen.forEach((net, i) => {
    if (net.address !== undefined && !seen.has(net.address)) seen.set(net.address, [writer.codes[i], net]);
  });
  const distinct = [...seen.values()];
  const last = new Uint32Array(distinct.reduce((sum, [, { width }]) => sum + limbsOf(width), 0));
  let isFirst = true;
  return {
    isOpen: (cycle) => cycle >= from && cycle <= to,
    cyclesBefore: (cycle) => (cycle < from ? from - cycle : Number.POSITIVE_INFINITY),
    take(cycle) {
      writer.cycle(cycle);
      const words = new Uint32Array(memory.buffer);
      let at = 0;
      for (const [code, net] of distinct) {
        const place = (net.address ?? 0) >> 2;
        const limbs = limbsOf(net.width);
        let changed = isFirst;
        for (let i = 0; i < limbs; i++) {
          const word = words[place + i];
          if (word === last[at + i]) continue;
          last[at + i] = word;
          changed = true;
        }
        if (changed) writer.value(code, bitsOf(net, last.subarray(at, at + limbs)), net.width);
        at += limbs;
      }
      isFirst = false;
    },
    end: () => writer.end(),
  };
}

function limbsOf(width: number): number {
  return (width + 31) >>> 5;
}

/** The bits of a net, the highest first, `x` where nothing drives it. */
function bitsOf({ width, undriven }: Net, words: Uint32Array): string {
  let bits = "";
  for (const word of words) bits = word.toString(2).padStart(32, "0") + bits;
  bits = bits.slice(-width);
  if (undriven === undefined) return bits;
  const mask = BigInt(`0x${undriven}`).toString(2).padStart(width, "0");
  return Array.from(bits, (bit, i) => (mask[i] === "1" ? "x" : bit)).join("");
}
