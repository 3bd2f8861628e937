import type { Bit, MappedNetlist, NetCell, NetModule } from "./netlist.ts";
import { type Register, registerOf } from "./registers.ts";

const escaped = (name: string) => `\\${name} `;

/** A mapped netlist as Verilog text, module by module, its constants and undefined bits as they are. */
export function netlistVerilog(netlist: MappedNetlist): string {
  return netlist.map((module) => moduleVerilog(module, cellVerilog)).join("\n");
}

/**
 * The same netlist with each look-up table as the expression and each register as the statement that its cell stands for,
 * for a simulator has thousands of them to read.
 */
export function netlistToSimulate(netlist: MappedNetlist): string {
  return netlist.map((module) => moduleVerilog(module, simulatedCell)).join("\n");
}

/** Whether {@link netlistToSimulate} needs no model of a cell. */
export function isWrittenOut(cell: NetCell): boolean {
  return isTable(cell.type) || registerOf(cell) !== undefined;
}

type Signal = (bits: readonly Bit[]) => string;
type WriteCell = (name: string, cell: NetCell, signal: Signal) => string;

function moduleVerilog({ name, ports, cells }: NetModule, writeCell: WriteCell): string {
  const nets = new Set<number>();
  const signal: Signal = (bits) => {
    const parts = bits.map((bit) => {
      if (typeof bit !== "number") return `1'b${bit}`;
      nets.add(bit);
      return `n${bit}`;
    });
    return parts.length === 1 ? parts[0] : `{${parts.reverse().join(", ")}}`;
  };
  const header = Object.entries(ports).map(
    ([port, { direction, bits }]) => `  ${direction} wire [${bits.length - 1}:0] ${escaped(port)}`,
  );
  const bodies = Object.entries(ports).map(([port, { direction, bits }]) =>
    direction === "input"
      ? `  assign ${signal(bits)} = ${escaped(port)};`
      : `  assign ${escaped(port)} = ${signal(bits)};`,
  );
  for (const [cell, content] of Object.entries(cells)) {
    if (!content.type.startsWith("$")) bodies.push(writeCell(cell, content, signal));
  }
  const wires = [...nets].map((net) => `  wire n${net};`);
  return [`module ${escaped(name)}(\n${header.join(",\n")}\n);`, ...wires, ...bodies, "endmodule", ""].join("\n");
}

/** Inputs of a look-up table, the one with the least weight first, and its output. */
const TABLES: Readonly<Record<string, readonly string[]>> = {
  LUT1: ["I0", "O"],
  LUT2: ["I0", "I1", "O"],
  LUT3: ["I0", "I1", "I2", "O"],
  LUT4: ["I0", "I1", "I2", "I3", "O"],
  LUT5: ["I0", "I1", "I2", "I3", "I4", "O"],
  LUT6: ["I0", "I1", "I2", "I3", "I4", "I5", "O"],
  SB_LUT4: ["I0", "I1", "I2", "I3", "O"],
};
/** Whether a cell is a look-up table, which {@link netlistToSimulate} writes as an expression. */
export function isTable(type: string): boolean {
  return Object.hasOwn(TABLES, type);
}

const LATTICE_TABLE: readonly string[] = ["A", "B", "C", "D", "Z"];

function simulatedCell(name: string, cell: NetCell, signal: Signal): string {
  const register = registerOf(cell);
  return register === undefined ? tableOrCell(name, cell, signal) : registerVerilog(register, signal);
}

function registerVerilog(register: Register, signal: Signal): string {
  const { clock, data, output, enable, enableIsLow, reset, resetValue, resetNeedsEnable, initial } = register;
  const name = `register_${output}`;
  const start = initial === undefined ? "" : ` = 1'b${initial}`;
  const enabled = enable === undefined ? undefined : `${enableIsLow ? "!" : ""}${signal([enable])}`;
  const resets = reset === undefined ? undefined : `if (${signal([reset])}) ${name} <= 1'b${resetValue}`;
  const gate = enabled === undefined ? "" : `if (${enabled}) `;
  const take = `${name} <= ${signal([data])};`;
  const first = resets === undefined ? "" : `${resets}; else `;
  const body = resetNeedsEnable ? `${gate}begin ${first}${take} end` : `${first}${gate}${take}`;
  return [
    `  reg ${name}${start};`,
    `  always @(posedge ${signal([clock])}) ${body}`,
    `  assign ${signal([output])} = ${name};`,
  ].join("\n");
}

function tableOrCell(name: string, cell: NetCell, signal: Signal): string {
  const pins = cell.type === "LUT4" && "Z" in cell.connections ? LATTICE_TABLE : TABLES[cell.type];
  if (pins === undefined) return cellVerilog(name, cell, signal);
  const content = cell.parameters.INIT ?? cell.parameters.LUT_INIT;
  const inputs = pins.slice(0, -1).map((pin) => cell.connections[pin]?.[0] ?? "0");
  return `  assign ${signal(cell.connections[pins[pins.length - 1]])} = ${literal(content)} >> ${signal(inputs)};`;
}

function cellVerilog(name: string, cell: NetCell, signal: Signal): string {
  const parameters = Object.entries(cell.parameters).map(([key, value]) => `.${key}(${literal(value)})`);
  const connections = Object.entries(cell.connections)
    .filter(([, bits]) => bits.length > 0)
    .map(([port, bits]) => `.${port}(${signal(bits)})`);
  const overrides = parameters.length > 0 ? ` #(${parameters.join(", ")})` : "";
  return `  ${escaped(cell.type)}${overrides} ${escaped(name)}(${connections.join(", ")});`;
}

/** A parameter: Yosys writes vectors as their bits, and puts a space behind a text that looks like one. */
function literal(value: string): string {
  if (/^[01xz]+$/.test(value)) return `${value.length}'b${value}`;
  return JSON.stringify(value.replace(/^([01xz]*) +$/, "$1"));
}
