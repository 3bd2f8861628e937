import { spawnSync } from "node:child_process";
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { SimulationError } from "../../errors.ts";

/** The program of GTKWave that turns a value change dump into the smaller FST. */
const CONVERTER = "vcd2fst";

/** A file for waveforms: `write` is that of a WaveRequest. */
export interface WaveFile {
  readonly write: (text: string) => void;
  /** Ends the file. @throws SimulationError if it cannot be made an FST */
  readonly close: () => void;
}

/**
 * Opens a file for waveforms: a value change dump, or if its name ends in `.fst` an FST.
 *
 * @throws SimulationError for an FST where vcd2fst is not installed
 */
export function openWaveFile(path: string): WaveFile {
  const isFst = path.endsWith(".fst");
  if (isFst && spawnSync(CONVERTER, ["--help"], { stdio: "ignore" }).error) {
    throw new SimulationError(
      `${path}: expected ${CONVERTER} for an FST, got none: apt-get install gtkwave, or write a .vcd file`,
      { program: CONVERTER },
    );
  }
  const target = isFst ? `${path}.vcd` : path;
  const file = openSync(target, "w");
  return {
    write: (text) => {
      writeSync(file, text);
    },
    close: () => {
      closeSync(file);
      if (!isFst) return;
      const { status, stderr } = spawnSync(CONVERTER, [target, path], { encoding: "utf8" });
      rmSync(target);
      if (status !== 0) {
        throw new SimulationError(`${path}: expected ${CONVERTER} to succeed, got exit status ${status}: ${stderr}`);
      }
    },
  };
}
