import { readFileSync } from "node:fs";

const start = performance.now();
const [, , modelFile, pixelFile, entry] = process.argv;
const { Session } = await import(entry);
const imported = performance.now();

const session = Session.createSync(readFileSync(modelFile));
const loaded = performance.now();
const { output } = session.runSync({ input: new Uint8Array(readFileSync(pixelFile)) });
const answered = performance.now();

const { largest, reportStages } = await import("./report.mjs");
reportStages([start, imported, loaded, answered], largest(output.data));
