import type { VerilogSource } from "../rtl/sources.ts";
import type { MappedNetlist, NetCell } from "./netlist.ts";

/** A netlist whose block memories take their first words from files, as the models of rtl/cells do, and these files. */
export interface ImagedNetlist {
  readonly netlist: MappedNetlist;
  readonly images: readonly VerilogSource[];
}

/** Takes the initial contents of block memories out of their parameters. */
export function takeImages(netlist: MappedNetlist): ImagedNetlist {
  const images: VerilogSource[] = [];
  const modules = netlist.map((module) => ({
    ...module,
    cells: Object.fromEntries(
      Object.entries(module.cells).map(([name, cell]) => {
        const content = contentOf(cell);
        if (content === undefined) return [name, cell];
        const isContent = cell.type === "SB_RAM40_4K" ? ICE_CONTENT : CONTENT;
        const kept = Object.entries(cell.parameters).filter(([key]) => !isContent.test(key));
        const parameters = { ...Object.fromEntries(kept), ...writesOf(cell) };
        if (!content.some((word) => word.includes("1"))) return [name, { ...cell, parameters }];
        const file = `block_memory_${images.length}.hex`;
        images.push({ name: file, text: hexText(content) });
        return [name, { ...cell, parameters: { ...parameters, IMAGE: file } }];
      }),
    ),
  }));
  return { netlist: modules, images };
}

/** Parameters that hold the first words. */
const CONTENT = /^INIT(P|VAL)?_[0-9A-F]{2}$/;
const ICE_CONTENT = /^INIT_[0-9A-F]$/;

/** Which ports of an ECP5 or iCE40 memory can write: its parameters do not say so. */
function writesOf({ type, connections }: NetCell): Record<string, string> {
  const low = (pin: string) => ["0", "x", undefined].includes(connections[pin]?.[0] as string | undefined);
  const writes = (...enables: string[]) => (enables.some(low) ? "0" : "1");
  if (type === "SB_RAM40_4K") return { WRITES: writes("WE", "WCLKE") };
  return type === "DP16KD" ? { WRITES_A: writes("WEA", "CEA"), WRITES_B: writes("WEB", "CEB") } : {};
}

/** Words of a block memory, each as its bits, the highest first; undefined for any other cell. */
function contentOf({ type, parameters }: NetCell): string[] | undefined {
  if (type === "SB_RAM40_4K") return iceRows(parameters);
  const size = { RAMB18E1: 64, RAMB36E1: 128, DP16KD: 64 }[type];
  if (size === undefined) return undefined;
  const numbers = Object.entries(parameters).filter(([key]) => /WIDTH_[AB]$/.test(key));
  const width = Math.max(...numbers.map(([, value]) => Number.parseInt(value, 2)));
  if (type === "DP16KD") return latticeWords(parameters, size, width);
  return xilinxWords(parameters, size, width);
}

function iceRows(parameters: NetCell["parameters"]): string[] {
  return Array.from({ length: 256 }, (_, row) => {
    const chunk = parameters[`INIT_${(row >> 4).toString(16).toUpperCase()}`] ?? "";
    const bits = chunk.padStart(256, "0");
    const end = 256 - 16 * (row & 15);
    return bits.slice(end - 16, end).replace(/[^1]/g, "0");
  });
}

/** A bit of a vector parameter; what is not given is 0. */
function bitOf(parameters: NetCell["parameters"], prefix: string, chunk: number, place: number): string {
  const value = parameters[`${prefix}_${chunk.toString(16).toUpperCase().padStart(2, "0")}`] ?? "";
  const bit = value[value.length - 1 - place];
  return bit === "1" ? "1" : "0";
}

function xilinxWords(parameters: NetCell["parameters"], size: number, width: number): string[] {
  const bytes = width < 9 ? 0 : width / 9;
  const dataBits = width < 9 ? width : 8 * bytes;
  const data = (at: number) => bitOf(parameters, "INIT", at >> 8, at & 255);
  const parity = (at: number) => bitOf(parameters, "INITP", at >> 8, at & 255);
  return Array.from({ length: (256 * size) / dataBits }, (_, word) => {
    let bits = "";
    for (let place = 0; place < dataBits; place++) {
      bits = data(word * dataBits + place) + bits;
      if (bytes > 0 && place % 8 === 7) bits = parity(word * bytes + (place >> 3)) + bits;
    }
    return bits;
  });
}

/** Words of 9 bits and more fill the memory; of narrower ones eight bits' worth stand in each nine. */
function latticeWords(parameters: NetCell["parameters"], size: number, width: number): string[] {
  const bit = (at: number) => {
    const word = Math.floor(at / 18);
    return bitOf(parameters, "INITVAL", word >> 4, (word & 15) * 20 + (at % 18));
  };
  const perNine = width < 9 ? 8 / width : 9 / width;
  return Array.from({ length: size * 32 * perNine }, (_, word) => {
    const start = width < 9 ? Math.floor(word / perNine) * 9 + (word % perNine) * width : word * width;
    let bits = "";
    for (let place = 0; place < width; place++) bits = bit(start + place) + bits;
    return bits;
  });
}

function hexText(words: readonly string[]): string {
  return `${words.map((bits) => BigInt(`0b${bits}`).toString(16)).join("\n")}\n`;
}
