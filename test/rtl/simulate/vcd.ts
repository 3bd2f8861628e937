/** A signal of a dump: its value, highest bit first, at each time at which it changes. */
export interface DumpedSignal {
  readonly width: number;
  readonly range: string;
  readonly changes: readonly (readonly [time: number, bits: string])[];
}

/** Reads a value change dump: the signals by their hierarchical names. */
export function parseVcd(text: string): ReadonlyMap<string, DumpedSignal> {
  const end = text.indexOf("$enddefinitions");
  if (end < 0) throw new Error("expected $enddefinitions, got none");
  const scopes: string[] = [];
  const signals = new Map<string, DumpedSignal>();
  const byCode = new Map<string, [number, string][]>();
  for (const [, keyword, rest] of text.slice(0, end).matchAll(/\$(\w+)\s*(.*?)\s*\$end/gs)) {
    const words = rest.split(/\s+/);
    if (keyword === "scope") scopes.push(words[1]);
    if (keyword === "upscope") scopes.pop();
    if (keyword !== "var") continue;
    const [, width, code, name, range = ""] = words;
    const changes = byCode.get(code) ?? [];
    byCode.set(code, changes);
    signals.set([...scopes, name].join("."), { width: Number(width), range, changes });
  }
  let time = Number.NaN;
  const tokens = text.slice(end).split(/\s+/);
  for (let i = 2; i < tokens.length; i++) {
    const [first, rest] = [tokens[i][0], tokens[i].slice(1)];
    if (first === "#") time = Number(rest);
    else if (first === "b") changesOf(byCode, tokens[++i]).push([time, rest]);
    else if (tokens[i] !== "") changesOf(byCode, rest).push([time, first]);
  }
  return signals;
}

function changesOf(byCode: ReadonlyMap<string, [number, string][]>, code: string): [number, string][] {
  const changes = byCode.get(code);
  if (changes === undefined) throw new Error(`expected a declared code, got ${code}`);
  return changes;
}

/** The bits of a signal at a time, at full width; none before its first change. */
export function bitsAt({ width, changes }: DumpedSignal, time: number): string | undefined {
  const bits = changes.findLast(([at]) => at <= time)?.[1];
  return bits?.padStart(width, bits[0] === "1" ? "0" : bits[0]);
}
