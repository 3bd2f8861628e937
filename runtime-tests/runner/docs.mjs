import { readFileSync, writeFileSync } from "node:fs";

const BEGIN = "<!-- npm run test:edge -- --write-docs -->\n";
const END = "<!-- end -->";

/** Puts a table between the marks of a page. */
export function writeDocs(file, text) {
  const page = readFileSync(file, "utf8");
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${file}: expected the marks ${BEGIN.trim()} and ${END}, got none`);
  writeFileSync(file, `${page.slice(0, begin + BEGIN.length)}\n${text}\n\n${page.slice(end)}`);
}
