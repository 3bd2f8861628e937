import type { Bit, MappedNetlist, NetCell, NetModule } from "./netlist.ts";

const escaped = (name: string) => `\\${name} `;

/** A mapped netlist as Verilog text, module by module, its constants and undefined bits as they are. */
export function netlistVerilog(netlist: MappedNetlist): string {
  return netlist.map(moduleVerilog).join("\n");
}

function moduleVerilog({ name, ports, cells }: NetModule): string {
  const nets = new Set<number>();
  const signal = (bits: readonly Bit[]): string => {
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
    if (!content.type.startsWith("$")) bodies.push(cellVerilog(cell, content, signal));
  }
  const wires = [...nets].map((net) => `  wire n${net};`);
  return [`module ${escaped(name)}(\n${header.join(",\n")}\n);`, ...wires, ...bodies, "endmodule", ""].join("\n");
}

function cellVerilog(name: string, cell: NetCell, signal: (bits: readonly Bit[]) => string): string {
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
