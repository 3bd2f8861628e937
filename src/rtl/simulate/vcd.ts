import type { Net } from "./description.ts";

/** Nanoseconds of a cycle: the clock rises at its start. */
export const PERIOD = 10;

/** Characters that are gathered before they are handed out. */
const PIECE = 1 << 16;

/** Writes a value change dump in which each cycle's values stand from its start. */
export interface VcdWriter {
  /** The identifier code of each signal; signals of one address share it. */
  readonly codes: readonly string[];
  /** Begins a cycle. */
  cycle(number: number): void;
  /** Bits, the highest first. */
  value(code: string, bits: string, width: number): void;
  /** Ends the last cycle. */
  end(): void;
}

/**
 * Starts a value change dump (IEEE 1364-2005, section 18).
 *
 * @param signals those without an address are the clock
 * @param write   takes the text, piece by piece
 */
export function vcdWriter(
  top: string,
  signals: readonly Omit<Net, "undriven">[],
  write: (text: string) => void,
): VcdWriter {
  const numbers = new Map<number | undefined, number>();
  const codes = signals.map(({ address }) => {
    const number = numbers.get(address) ?? numbers.size;
    numbers.set(address, number);
    return codeOf(number);
  });
  const clock = codes[signals.findIndex(({ address }) => address === undefined)];
  let text = header(top, signals, codes);
  let last: number | undefined;
  const flush = () => {
    write(text);
    text = "";
  };
  const fall = () => {
    if (last !== undefined && clock !== undefined) text += `#${PERIOD * last + PERIOD / 2}\n0${clock}\n`;
  };
  return {
    codes,
    cycle(number) {
      fall();
      if (text.length > PIECE) flush();
      text += `#${PERIOD * number}\n`;
      if (clock !== undefined) text += `1${clock}\n`;
      last = number;
    },
    value(code, bits, width) {
      text += width === 1 ? `${bits}${code}\n` : `b${trim(bits)} ${code}\n`;
    },
    end() {
      fall();
      if (last !== undefined) text += `#${PERIOD * (last + 1)}\n`;
      flush();
    },
  };
}

/** Without the zeros that readers put in front again. */
function trim(bits: string): string {
  return bits.replace(/^0+(?=[01])/, "");
}

const FIRST = 33;
const CHARACTERS = 94;

function codeOf(number: number): string {
  const character = String.fromCharCode(FIRST + (number % CHARACTERS));
  return number < CHARACTERS ? character : character + codeOf(Math.floor(number / CHARACTERS) - 1);
}

interface Scope {
  readonly variables: string[];
  readonly scopes: Map<string, Scope>;
}

function header(top: string, signals: readonly Omit<Net, "undriven">[], codes: readonly string[]): string {
  const root: Scope = { variables: [], scopes: new Map() };
  signals.forEach(({ path, width, low }, i) => {
    const parts = path.split(".");
    let scope = root;
    for (const part of parts.slice(0, -1)) {
      const inner = scope.scopes.get(part) ?? { variables: [], scopes: new Map() };
      scope.scopes.set(part, inner);
      scope = inner;
    }
    const range = width === 1 && low === 0 ? "" : ` [${low + width - 1}:${low}]`;
    scope.variables.push(`$var wire ${width} ${codes[i]} ${parts[parts.length - 1]}${range} $end\n`);
  });
  const print = (name: string, { variables, scopes }: Scope): string => {
    const inner = [...scopes].map(([part, scope]) => print(part, scope));
    return `$scope module ${name} $end\n${variables.join("")}${inner.join("")}$upscope $end\n`;
  };
  return `$version circulant $end\n$timescale 1ns $end\n${print(top, root)}$enddefinitions $end\n`;
}
