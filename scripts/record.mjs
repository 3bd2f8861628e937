// The record of counts and sizes, bench/counts.json: what they were, and why they last rose.

/** Compressors of other versions may need some bytes more. */
const SLACK = { gzipBytes: 0.01 };

/** How to record what rose. */
export const REMEDY = 'node scripts/counts.mjs --write --why "REASON"';

/**
 * What is above the record, and what the record lacks.
 *
 * @param record   entries by name: numbers and `why`
 * @param measured entries by name: numbers
 * @returns a line for each number, empty if there is none
 */
export function findRises(record, measured) {
  return Object.entries(measured).flatMap(([name, numbers]) => {
    const entry = record[name];
    if (entry === undefined) return [`${name}: expected an entry of the record, got none`];
    return Object.entries(numbers).flatMap(([what, now]) => {
      const before = entry[what] ?? 0;
      return now > before * (1 + (SLACK[what] ?? 0)) ? [`${name}: ${what} rose from ${before} to ${now}`] : [];
    });
  });
}

/** What the record has and nothing counts any more, a line for each. */
export function findLost(record, measured) {
  const lost = Object.keys(record).filter((name) => measured[name] === undefined);
  return lost.map((name) => `${name}: expected it to be counted as recorded, got nothing`);
}

/**
 * The record of what was measured. An entry that rose or is new takes the reason; the others keep theirs.
 *
 * @throws Error if something rose and there is no reason
 */
export function updateRecord(record, measured, why) {
  const rises = findRises(record, measured);
  if (rises.length > 0 && !why) throw new Error([...rises, `give the reason: ${REMEDY}`].join("\n"));
  const entries = Object.entries(measured).map(([name, numbers]) => {
    const rose = findRises(record, { [name]: numbers }).length > 0;
    return [name, { ...numbers, why: rose ? why : record[name].why }];
  });
  return Object.fromEntries(entries);
}

/** The record as text, an entry a line. */
export function formatRecord(record) {
  const lines = Object.entries(record).map(([name, entry]) => `  ${JSON.stringify(name)}: ${JSON.stringify(entry)}`);
  return `{\n${lines.join(",\n")}\n}\n`;
}
