/** A way to make one place of a text wrong. */
export interface TextOperator {
  readonly name: string;
  /** With the flag g; each match is a place. */
  readonly pattern: RegExp;
  readonly replacement: string;
}

/** A text with one place of it replaced. */
export interface TextMutant {
  readonly id: string;
  readonly text: string;
}

/** For TypeScript: the slips that make a comparison skip, miscount or misname words. */
export const TYPESCRIPT_OPERATORS: readonly TextOperator[] = [
  { name: "< is <=", pattern: / < /g, replacement: " <= " },
  { name: "< is < 1 less", pattern: / < (\w[\w.]*);/g, replacement: " < $1 - 1;" },
  { name: "<= is <", pattern: / <= /g, replacement: " < " },
  { name: "> is >=", pattern: / > /g, replacement: " >= " },
  { name: ">= is >", pattern: / >= /g, replacement: " > " },
  { name: "=== is !==", pattern: / === /g, replacement: " !== " },
  { name: "!== is ===", pattern: / !== /g, replacement: " === " },
  { name: "+ is -", pattern: / \+ /g, replacement: " - " },
  { name: "- is +", pattern: / - /g, replacement: " + " },
  { name: "% is /", pattern: / % /g, replacement: " / " },
  { name: "/ is %", pattern: / \/ /g, replacement: " % " },
  { name: "<< is >>", pattern: / << /g, replacement: " >> " },
  { name: ">> is >> 1 less", pattern: / >> (\d+)/g, replacement: " >> ($1 - 1)" },
  { name: "&& is ||", pattern: / && /g, replacement: " || " },
  { name: "|| is &&", pattern: / \|\| /g, replacement: " && " },
  { name: "?? is &&", pattern: / \?\? /g, replacement: " && " },
  { name: "??= is =", pattern: / \?\?= /g, replacement: " = " },
  { name: "0 is 1", pattern: /(?<![\w.])0(?![\w.])/g, replacement: "1" },
  { name: "1 is 0", pattern: /(?<![\w.])1(?![\w.])/g, replacement: "0" },
  { name: "1 is 2", pattern: /(?<![\w.])1(?![\w.])/g, replacement: "2" },
  { name: "2 is 1", pattern: /(?<![\w.])2(?![\w.])/g, replacement: "1" },
  { name: "++ is --", pattern: /\+\+/g, replacement: "--" },
  { name: "+= is =", pattern: / \+= /g, replacement: " = " },
  { name: "condition true", pattern: /if \((?!.*=> )(.+)\) (?=\S)/g, replacement: "if (true) " },
  { name: "condition false", pattern: /if \((?!.*=> )(.+)\) (?=\S)/g, replacement: "if (false) " },
  { name: "choice exchanged", pattern: / \? ([^:?]+) : ([^,;)]+)/g, replacement: " ? $2 : $1" },
  { name: "floor is ceil", pattern: /Math\.floor/g, replacement: "Math.ceil" },
  { name: "min is max", pattern: /Math\.min/g, replacement: "Math.max" },
  { name: "max is min", pattern: /Math\.max/g, replacement: "Math.min" },
  { name: "statement left out", pattern: /^ +[\w.?[\]]+\([^{}]*\);$/gm, replacement: ";" },
  { name: "assignment left out", pattern: /^ +[\w.[\]()?]+ (\+=|\?\?=|=) [^{}]*;$/gm, replacement: ";" },
  { name: "end not cut", pattern: /\.slice\(0, -1\)/g, replacement: ".slice(0)" },
  { name: "entry left out", pattern: /^ +\.\.\.[^{}]*,$/gm, replacement: "" },
  { name: "field left out", pattern: /(?<=[{[] ?)(\w+), /g, replacement: "" },
];

/** Every operator at every place of a file; comments, imports and types are left alone. */
export function textMutants(file: string, text: string, operators: readonly TextOperator[]): TextMutant[] {
  const lines = text.split("\n");
  const isCode = (line: string) => !/^\s*(\/\/|\*|\/\*|import |export (interface|type)|readonly |`)/.test(line);
  return operators.flatMap(({ name, pattern, replacement }) =>
    lines.flatMap((line, i) => {
      if (!isCode(line)) return [];
      const [code, comment = ""] = splitComment(line);
      const matches = [...code.matchAll(new RegExp(pattern.source, pattern.flags.replace("m", "")))];
      return matches.flatMap((match, n) => {
        const [found, ...groups] = match;
        const put = replacement.replace(/\$(\d)/g, (_, group: string) => groups[Number(group) - 1] ?? "");
        const changed = code.slice(0, match.index) + put + code.slice(match.index + found.length);
        if (changed === code) return [];
        const mutated = [...lines.slice(0, i), changed + comment, ...lines.slice(i + 1)].join("\n");
        return [{ id: `${file}:${i + 1}${n > 0 ? ` place ${n}` : ""}: ${name}`, text: mutated }];
      });
    }),
  );
}

function splitComment(line: string): [string, string] {
  const at = line.search(/\/\/(?!.*["`])/);
  return at < 0 ? [line, ""] : [line.slice(0, at), line.slice(at)];
}
