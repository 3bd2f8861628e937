import { SimulationError } from "../../errors.ts";
import type { Design } from "./design.ts";
import type { Layout } from "./layout.ts";
import type { PortShape } from "./netlist.ts";

/** Custom section that holds the description. */
const SECTION = "circulant.simulation";

/** Changes with the functions that a module exports and with the fields below. */
const FORMAT = 1;

/** A net of the design under its hierarchical name, for waveforms. */
export interface Net {
  /** Below the top module, `u_engine.u_load.row_q`. */
  readonly path: string;
  readonly width: number;
  /** Index of its last bit, the right one of its range. */
  readonly low: number;
  /** Where `observe` leaves its words, the low one first; none for the clock. Nets of the same bits share it. */
  readonly address?: number;
  /** Bits that nothing drives, in hexadecimal; none if there are none. */
  readonly undriven?: string;
}

/** What a host must know of a compiled simulation: everything of the design but its sources. */
export interface Description {
  readonly format: number;
  /** SHA-256 of simulator and design, hexadecimal. */
  readonly digest: string;
  readonly design: Omit<Design, "sources">;
  readonly ports: Readonly<Record<string, PortShape>>;
  readonly layout: Layout;
  readonly nets: readonly Net[];
}

/** The module with its description in it. */
export function describeModule(wasm: Uint8Array, description: Omit<Description, "format">): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const name = encoder.encode(SECTION);
  const text = encoder.encode(JSON.stringify({ format: FORMAT, ...description }));
  const head = [0, ...leb128(1 + name.length + text.length), name.length];
  const bytes = new Uint8Array(wasm.length + head.length + name.length + text.length);
  let at = 0;
  for (const part of [wasm, head, name, text]) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** An unsigned number as WebAssembly writes it. */
function leb128(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb128(value >>> 7)];
}

/** @throws SimulationError if the module is no compiled simulation, or one of another version */
export function descriptionOf(module: WebAssembly.Module): Description {
  const [section] = WebAssembly.Module.customSections(module, SECTION);
  const description = section && (JSON.parse(new TextDecoder().decode(section)) as Description);
  if (description?.format !== FORMAT) {
    const got = description ? `format ${description.format}` : "another WebAssembly module";
    throw new SimulationError(`simulation: expected a compiled simulation of format ${FORMAT}, got ${got}`, {
      simulator: "wasm",
    });
  }
  return description;
}
