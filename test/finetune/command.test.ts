import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addFinetune } from "../../src/cli/finetune.ts";
import { readImageSet } from "../../src/data/read.ts";
import { CheckpointError, OptionError } from "../../src/errors.ts";
import { Session } from "../../src/runtime/session.ts";
import { writeCheckpoint } from "../../src/train/checkpoint.ts";
import { parseConfig } from "../../src/train/config.ts";
import { MNIST_MLP } from "../../src/train/recipe.ts";
import { train } from "../../src/train/train.ts";
import { runCommand, type Written } from "../cli/run-command.ts";

const DIGITS = new URL("../../examples/digits/", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "circulant-"));
const at = (name: string) => join(folder, name);

/** Runs the command and returns what it wrote. */
function run(...args: readonly string[]): Promise<Written> {
  return runCommand([addFinetune], ["finetune", ...args, "--data", folder, "--out", at("net.safetensors")]);
}

beforeAll(async () => {
  for (const kind of ["images-idx3-ubyte.gz", "labels-idx1-ubyte.gz"]) {
    for (const split of ["train", "t10k"]) copyFileSync(join(DIGITS, `t10k-${kind}`), at(`${split}-${kind}`));
  }
  const head = { op: "dense", out: 10, k: 8, norm: false, activation: "identity" };
  const layers = [{ op: "flatten" }, { ...head, out: 32, activation: "relu" }, head];
  const config = parseConfig({ ...MNIST_MLP, layers, batch: 32, epochs: 2, average: 0.9, validation: 100 });
  const checkpoint = await train(config, readImageSet(folder, "train"), { workers: 1 });
  writeFileSync(at("net.checkpoint"), writeCheckpoint(checkpoint));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("circulant finetune", () => {
  test("writes a model whose deployed accuracy is what it reports", async () => {
    const options = ["--rate", "0.003", "--calibration", "20", "--workers", "1", "--json"];
    const { out, err } = await run(at("net.checkpoint"), ...options);
    const { validation, test: right, kept, history, bytes } = JSON.parse(out);
    expect(err.match(/^epoch \d\/2 .*loss .*validation \d.* left$/gm)).toHaveLength(2);
    expect(history.map(({ epoch }: { epoch: number }) => epoch)).toEqual([1, 2]);
    expect(validation.after).toBe(
      [validation.before, ...history.map((one: typeof validation) => one.validation)][kept],
    );
    const file = new Uint8Array(readFileSync(at("net.safetensors")));
    expect(file.length).toBe(bytes);
    using session = Session.createSync(file);
    const { images, labels } = readImageSet(folder, "test");
    const { data } = session.runSync({ input: images }).output;
    const hits = labels.filter((label, n) => {
      const values = [...data.subarray(10 * n, 10 * n + 10)];
      return values.indexOf(Math.max(...values)) === label;
    });
    expect(hits.length / labels.length).toBe(right.after);
  });

  test("says what came before and after", async () => {
    const { out } = await run(at("net.checkpoint"), "--epochs", "1", "--validation", "0", "--calibration", "20");
    expect(out).toMatch(
      /^right answers in 16 bits: validation - -> -, test \d+\.\d\d % -> \d+\.\d\d %\nkept: epoch 1\n/,
    );
  });

  test("refuses options and files that do not hold", async () => {
    for (const wrong of [
      ["--rate", "0"],
      ["--rate", "x"],
      ["--epochs", "0"],
      ["--seed", "1.5"],
      ["--margin", "0.5"],
    ]) {
      await expect(run(at("net.checkpoint"), ...wrong), wrong.join(" ")).rejects.toThrow("is invalid");
    }
    await expect(run(at("net.checkpoint"), "--validation", "490")).rejects.toThrow(OptionError);
    await expect(run(at("train-labels-idx1-ubyte.gz"))).rejects.toThrow(CheckpointError);
  });
});
