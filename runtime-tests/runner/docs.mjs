import { readFileSync, writeFileSync } from "node:fs";

const BEGIN = "<!-- npm run test:edge -- --write-docs -->\n";
const END = "<!-- end -->";

/**
 * Puts the rows of a table into the table between the marks of a page. Rows of runtimes that did not run this time stay
 * as they are; those of runtimes that are no more go.
 *
 * @param rows     lines of Markdown, the first cell the runtime's name
 * @param runtimes all names, in order
 */
export function writeDocs(file, [head, , ...rows], runtimes) {
  const page = readFileSync(file, "utf8");
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${file}: expected the marks ${BEGIN.trim()} and ${END}, got none`);
  const from = begin + BEGIN.length;
  const known = [...page.slice(from, end).trim().split("\n"), ...rows].map((line) => [cells(line)[0], cells(line)]);
  const byName = new Map(known);
  const kept = runtimes.flatMap((runtime) => (byName.has(runtime) ? [byName.get(runtime)] : []));
  const lines = [cells(head), cells(head).map(() => "---"), ...kept].map((line) => `| ${line.join(" | ")} |`);
  writeFileSync(file, `${page.slice(0, from)}\n${lines.join("\n")}\n\n${page.slice(end)}`);
}

/** The cells of a line of a table, without their padding. */
function cells(line) {
  return line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
}
