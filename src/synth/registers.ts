import type { Bit, NetCell } from "./netlist.ts";

/** A register of one bit on the rising edge of its clock, with a synchronous reset at most. */
export interface Register {
  readonly clock: Bit;
  readonly data: Bit;
  readonly output: Bit;
  /** Takes its data when this is 1, or with `enableIsLow` 0; always when not given. */
  readonly enable?: Bit;
  readonly enableIsLow: boolean;
  readonly reset?: Bit;
  readonly resetValue: "0" | "1";
  /** The reset counts only with the enable. */
  readonly resetNeedsEnable: boolean;
  /** First value, unknown when not given. */
  readonly initial?: "0" | "1";
}

/** What a register cell stands for; undefined for any other cell and for modes that are not of {@link Register}. */
export function registerOf(cell: NetCell): Register | undefined {
  if (cell.type === "FDRE" || cell.type === "FDSE") return xilinxRegister(cell);
  if (cell.type === "TRELLIS_FF") return latticeRegister(cell);
  return iceRegister(cell);
}

const bitOf = ({ connections }: NetCell, pin: string): Bit => connections[pin]?.[0] ?? "x";

function initialOf(bit: string | undefined): { readonly initial?: "0" | "1" } {
  return bit === "0" || bit === "1" ? { initial: bit } : {};
}

function xilinxRegister(cell: NetCell): Register | undefined {
  const { type, parameters } = cell;
  if (Object.entries(parameters).some(([name, value]) => name.startsWith("IS_") && value !== "0")) return undefined;
  return {
    clock: bitOf(cell, "C"),
    data: bitOf(cell, "D"),
    output: bitOf(cell, "Q"),
    enable: bitOf(cell, "CE"),
    enableIsLow: false,
    reset: bitOf(cell, type === "FDRE" ? "R" : "S"),
    resetValue: type === "FDRE" ? "0" : "1",
    resetNeedsEnable: false,
    ...initialOf(parameters.INIT),
  };
}

function latticeRegister(cell: NetCell): Register | undefined {
  const { CEMUX = "1", CLKMUX = "CLK", LSRMUX = "LSR", SRMODE, LSRMODE, REGSET } = cell.parameters;
  const usual = CLKMUX === "CLK" && LSRMUX === "LSR" && (LSRMODE ?? "LSR") === "LSR";
  const synchronous = (SRMODE ?? "LSR_OVER_CE") === "LSR_OVER_CE";
  const mux = CEMUX.trim();
  if (!usual || !synchronous || mux === "0") return undefined;
  const resetValue = REGSET === "SET" ? "1" : "0";
  return {
    clock: bitOf(cell, "CLK"),
    data: bitOf(cell, "DI"),
    output: bitOf(cell, "Q"),
    ...(mux === "1" ? {} : { enable: bitOf(cell, "CE") }),
    enableIsLow: mux === "INV",
    reset: bitOf(cell, "LSR"),
    resetValue,
    resetNeedsEnable: false,
    initial: resetValue,
  };
}

function iceRegister(cell: NetCell): Register | undefined {
  const [known, enable, reset] = /^SB_DFF(E?)(SR|SS)?$/.exec(cell.type) ?? [];
  if (known === undefined) return undefined;
  return {
    clock: bitOf(cell, "C"),
    data: bitOf(cell, "D"),
    output: bitOf(cell, "Q"),
    ...(enable === "" ? {} : { enable: bitOf(cell, "E") }),
    enableIsLow: false,
    ...(reset === undefined ? {} : { reset: bitOf(cell, reset === "SR" ? "R" : "S") }),
    resetValue: reset === "SS" ? "1" : "0",
    resetNeedsEnable: enable !== "",
    initial: "0",
  };
}
