// What inferences execute and what is shipped, in numbers that no busy machine changes, held to bench/counts.json.
// Run after a build: node scripts/counts.mjs [part of a name] [--json]      prints them; ends with 1 if one rose or is not there
//                    node scripts/counts.mjs --write [--why "REASON"]       records them; a rise needs its reason
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import Table from "cli-table3";
import { measure } from "./count.mjs";
import { findLost, findRises, formatRecord, REMEDY, updateRecord } from "./record.mjs";

const RECORD = new URL("../bench/counts.json", import.meta.url);

const { values, positionals } = parseArgs({
  options: { json: { type: "boolean" }, write: { type: "boolean" }, why: { type: "string" } },
  allowPositionals: true,
});
const record = JSON.parse(readFileSync(RECORD, "utf8"));
const measured = measure();

if (values.write) write();
else print();

function write() {
  try {
    writeFileSync(RECORD, formatRecord(updateRecord(record, measured, values.why)));
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}

function print() {
  const shown = Object.entries(measured).filter(([name]) => name.includes(positionals[0] ?? ""));
  if (values.json) console.log(JSON.stringify(Object.fromEntries(shown), null, 1));
  else {
    printTable(shown.filter(([, entry]) => "v128" in entry));
    printTable(shown.filter(([, entry]) => "bytes" in entry));
  }
  const changes = [...findRises(record, measured), ...findLost(record, measured)];
  if (changes.length === 0) return;
  console.error([...changes, `if they are meant, record them: ${REMEDY}`].join("\n"));
  process.exitCode = 1;
}

/** Numbers, and what they are more or less than the record's. */
function printTable(entries) {
  if (entries.length === 0) return;
  const head = Object.keys(entries[0][1]);
  const table = new Table({
    head: ["", ...head],
    style: { head: [], border: [], compact: true },
    colAligns: ["left", ...head.map(() => "right")],
  });
  const cell = (now, before) =>
    before === undefined || now === before ? `${now}` : `${now} (${signed(now - before)})`;
  for (const [name, entry] of entries) {
    table.push([name, ...head.map((what) => cell(entry[what], record[name]?.[what]))]);
  }
  console.log(table.toString());
}

function signed(difference) {
  return difference > 0 ? `+${difference}` : String(difference);
}
