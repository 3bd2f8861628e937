import { Argument, type Command } from "commander";
import { CATALOGUE } from "../data/catalogue.ts";
import { download } from "../data/download.ts";
import { progressBar } from "./progress.ts";

type SetName = keyof typeof CATALOGUE;

/** Adds `circulant data`. */
export function addData(program: Command): void {
  program
    .command("data")
    .description("download a data set from where it is published; every file must have its SHA-256")
    .addArgument(new Argument("<set>", "which data set").choices(Object.keys(CATALOGUE)))
    .requiredOption("--out <dir>", "folder to write to")
    .option("--mirror <url>", "folder with the same files, in place of the published one")
    .action(runData);
}

async function runData(name: SetName, { out, mirror }: { out: string; mirror?: string }): Promise<void> {
  const set = CATALOGUE[name];
  process.stderr.write(`${set.title}, ${mirror ?? set.base}; licence: ${set.licence}\n`);
  let bar: ReturnType<typeof progressBar> | undefined;
  let current = "";
  const stop = () => bar?.stop();
  try {
    await download(set, out, {
      mirror,
      onBytes: (file, received, total) => {
        if (file !== current) {
          stop();
          bar = progressBar(file, total ?? received);
          current = file;
        }
        bar?.update(received);
      },
      onFile: (file, bytes, fetched) => {
        stop();
        process.stdout.write(`${file}: ${bytes} bytes, SHA-256 right${fetched ? "" : "; was there already"}\n`);
      },
    });
  } finally {
    stop();
  }
  process.stderr.write(`${out} is whole: circulant train ... --data ${out}\n`);
}
