import { spawn } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encode } from "fast-png";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { digestOf, readCheckpoint } from "../../src/train/checkpoint.ts";
import { MNIST_MLP } from "../../src/train/recipe.ts";

const ROOT = new URL("../..", import.meta.url);
const PROGRAM = `
  import { Command } from "commander";
  import { addTrain } from "./dist/cli/train.js";
  const program = new Command();
  addTrain(program);
  program.parseAsync(process.argv.slice(1), { from: "user" }).catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });`;

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs `circulant train`; sends it the signal, once, when it has written `interruptAt` to standard error. */
function command(
  args: readonly string[],
  interruptAt?: string,
  signal: "SIGINT" | "SIGKILL" = "SIGINT",
): Promise<Ended> {
  const child = spawn(process.execPath, ["--input-type=module", "-e", PROGRAM, "train", ...args], { cwd: ROOT });
  let [out, err] = ["", ""];
  let interrupted = false;
  child.stdout.on("data", (text) => {
    out += text;
  });
  child.stderr.on("data", (text) => {
    err += text;
    if (interruptAt === undefined || interrupted || !err.includes(interruptAt)) return;
    interrupted = child.kill(signal);
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, out, err })));
}

describe("circulant train", () => {
  let folder = "";
  let data: string[] = [];
  const file = (name: string) => join(folder, name);

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "circulant-"));
    for (const kind of ["images-idx3-ubyte.gz", "labels-idx1-ubyte.gz"]) {
      for (const split of ["train", "t10k"]) {
        copyFileSync(new URL(`examples/digits/t10k-${kind}`, ROOT), file(`${split}-${kind}`));
      }
    }
    const layers = [{ op: "flatten" }, { op: "dense", out: 10, k: 2, norm: false, activation: "identity" }];
    const recipe = { $schema: "recipe.schema.json", ...MNIST_MLP, layers, batch: 32, validation: 100 };
    writeFileSync(file("recipe.json"), JSON.stringify(recipe));
    writeFileSync(file("pupil.json"), JSON.stringify({ ...recipe, distillation: { weight: 0.5, temperature: 2 } }));
    writeFileSync(file("letters.json"), JSON.stringify({ ...recipe, labels: [..."abcdefghij"] }));
    const conv = { op: "conv2d", out: 8, kernel: 3, stride: 2, pad: 1, k: 4, norm: true, activation: "relu" };
    const augmentation = { ...MNIST_MLP.augmentation, flip: true, cutout: 4 };
    const cnn = { ...recipe, layers: [conv, ...layers], augmentation, epochs: 20 };
    writeFileSync(file("cnn.json"), JSON.stringify(cnn));
    data = [file("recipe.json"), "--data", folder];
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test("writes checkpoint, history and curve, and prints the result as JSON", async () => {
    const out = file("a.checkpoint");
    const { code, out: printed, err } = await command([...data, "--out", out, "--epochs", "2", "--json"]);
    expect([code, err.match(/^epoch \d\/2 .*validation \d/gm)?.length]).toEqual([0, 2]);
    const result = JSON.parse(printed);
    expect(result).toMatchObject({ checkpoint: out, parameters: 3930, epochs: 2 });
    expect(result.test).toBeGreaterThan(0.1);
    const { history } = readCheckpoint(readFileSync(out));
    expect(JSON.parse(readFileSync(`${out}.history.json`, "utf8")).history).toEqual(history);
    expect(readFileSync(`${out}.curve.svg`, "utf8")).toMatch(/^<svg/);
    expect(readdirSync(folder).filter((name) => name.endsWith(".part"))).toEqual([]);
  });

  test("interrupted, leaves a checkpoint from which --resume gives the bits of an unbroken run", async () => {
    const args = [...data, "--epochs", "60", "--out"];
    await command([...args, file("whole.checkpoint")]);
    const stopped = await command([...args, file("cut.checkpoint")], "epoch 3/60");
    expect([stopped.code, stopped.err.split("\n").at(-2)]).toEqual([
      130,
      `stopped; ${file("cut.checkpoint")} holds the last whole epoch, --resume goes on from it`,
    ]);
    expect(readCheckpoint(readFileSync(file("cut.checkpoint"))).history.length).toBeGreaterThanOrEqual(3);
    await command(["--data", folder, "--out", file("cut.checkpoint"), "--resume"]);
    expect(readFileSync(file("cut.checkpoint"))).toEqual(readFileSync(file("whole.checkpoint")));
  });

  test("killed, a convolutional network with norms is resumed to the bits of an unbroken run", async () => {
    const args = [file("cnn.json"), "--data", folder, "--out"];
    expect(await command([...args, file("whole-cnn.checkpoint")])).toMatchObject({ code: 0 });
    const killed = await command([...args, file("cut-cnn.checkpoint")], "epoch 2/20", "SIGKILL");
    expect([killed.code, killed.err]).toEqual([null, expect.not.stringContaining("epoch 20/20")]);
    await command(["--data", folder, "--out", file("cut-cnn.checkpoint"), "--resume"]);
    expect(readFileSync(file("cut-cnn.checkpoint"))).toEqual(readFileSync(file("whole-cnn.checkpoint")));
  });

  test("with a teacher learns otherwise and keeps the teacher's digest", async () => {
    const [alone, taught] = [file("alone.checkpoint"), file("taught.checkpoint")];
    await command([...data, "--out", alone, "--epochs", "3"]);
    const args = [file("pupil.json"), "--data", folder, "--out", taught, "--epochs", "3", "--teacher", alone];
    expect(await command(args)).toMatchObject({ code: 0 });
    const [teacher, pupil] = [alone, taught].map((name) => readCheckpoint(readFileSync(name)));
    expect([teacher.teacher, pupil.teacher]).toEqual([null, digestOf(teacher)]);
    expect(pupil.average).not.toEqual(teacher.average);
  });

  test("takes a shipped recipe by its name", async () => {
    const args = ["mnist-mlp", "--data", folder, "--out", file("mlp.checkpoint"), "--epochs", "1", "--validation", "0"];
    expect(await command(args)).toMatchObject({ code: 0 });
    const { config } = readCheckpoint(readFileSync(file("mlp.checkpoint")));
    expect(config).toEqual({ ...MNIST_MLP, epochs: 1, validation: 0 });
  });

  test("fails with one line for what is missing or does not fit", async () => {
    const out = file("b.checkpoint");
    mkdirSync(file("pictures/train/zero"), { recursive: true });
    writeFileSync(file("pictures/train/zero/0.png"), encode({ width: 28, height: 28, channels: 1, data: PICTURE }));
    const cases: readonly [string[], RegExp][] = [
      [[...data, "--out", out, "--resume"], /b\.checkpoint: expected a checkpoint, got no file/],
      [
        [file("none.json"), "--data", folder, "--out", out],
        /none\.json: expected a recipe in JSON or one of mnist-mlp, /,
      ],
      [["--data", file("none"), "--out", out], /none: expected IDX files .*, got no folder/],
      [["cifar10-cnn", "--data", folder, "--out", out], /images: expected 32 x 32 x 3 .*, got 28 x 28 x 1/],
      [["--data", file("pictures"), "--out", out], /pictures: expected the labels 0, 1, .*, got classes zero/],
      [[...data, "--out", out, "--teacher", file("none")], /none: expected a file that can be read/],
      [[...data, "--out", out, "--teacher", file("alone.checkpoint")], /distillation\.weight: expected more than 0/],
      [[file("pupil.json"), "--data", folder, "--out", out], /distillation\.weight: expected 0 without a teacher/],
      [
        [file("pupil.json"), "--data", folder, "--out", out, "--teacher", file("letters.checkpoint")],
        /teacher: expected the classes 0, 1, .*, got a, b,/,
      ],
    ];
    await command([file("letters.json"), "--data", folder, "--out", file("letters.checkpoint"), "--epochs", "1"]);
    for (const [args, message] of cases) {
      const { code, err } = await command(args);
      expect([code, err.trim().split("\n").length], err).toEqual([1, 1]);
      expect(err).toMatch(message);
    }
  });
});

const PICTURE = new Uint8Array(784);
