import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Copies the shared programs beside a bundle, which they import in the package's place. */
export function stageFor(folder, outdir) {
  cpSync(join(folder, "shared"), join(outdir, "shared"), { recursive: true });
  writeFileSync(join(outdir, "package.json"), '{ "type": "module" }\n');
  const programs = ["shared/suite-program.mjs", "shared/first-program.mjs"];
  for (const program of programs) {
    const text = readFileSync(join(outdir, program), "utf8");
    writeFileSync(join(outdir, program), text.replace('"circulant"', '"../bundle.js"'));
  }
  return programs;
}
