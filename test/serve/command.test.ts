import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { addServe } from "../../src/cli/serve.ts";
import { DataError, OptionError } from "../../src/errors.ts";
import { runCommand } from "../cli/run-command.ts";
import { binaryBody, digits, MODEL_FILE, openSession, readAnswer, tensor } from "./clients.ts";

const MAIN = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

const children: ChildProcessWithoutNullStreams[] = [];
afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
});

/** Starts `circulant serve`; the address that it prints, and its log. */
async function serve(...args: readonly string[]) {
  const child: ChildProcessWithoutNullStreams = spawn(process.execPath, [MAIN, "serve", ...args, "--port", "0"]);
  children.push(child);
  const log: string[] = [];
  child.stderr.on("data", (chunk) => log.push(...String(chunk).trim().split("\n")));
  const [line] = await once(child.stdout, "data");
  return { child, log, address: String(line).trim() };
}

const until = async (holds: () => boolean) => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
};

describe("circulant serve", () => {
  it.each(["SIGTERM", "SIGINT"] as const)(
    "prints its address, infers, reads its files again on SIGHUP, ends on %s",
    async (signal) => {
      const { child, log, address } = await serve(`digits=${MODEL_FILE}`, "--threads", "1", "--log-level", "debug");
      expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v2$/);
      const pixels = digits(1);
      const head = { inputs: [tensor("UINT8", [1, 784], { parameters: { binary_data_size: 784 } })] };
      const response = await fetch(`${address}/models/digits/infer`, { method: "POST", ...binaryBody(head, pixels) });
      const { json } = await readAnswer(response);
      expect(json.outputs[1].data).toEqual([...openSession().runSync({ input: pixels }).words.data]);
      const metrics = async () => (await fetch(address.replace("/v2", "/metrics"))).text();
      child.kill("SIGHUP");
      while (!/result="unchanged"\} 1\n/.test(await metrics())) await new Promise((resolve) => setTimeout(resolve, 20));
      const exit = once(child, "exit");
      child.kill(signal);
      expect(await exit).toEqual([0, null]);
      await until(() => log.some((line) => line.includes('"ended"')));
      const entries = log.map((line) => JSON.parse(line));
      expect(entries).toContainEqual(expect.objectContaining({ msg: "model loaded", model: "digits" }));
      expect(entries).toContainEqual(
        expect.objectContaining({ msg: "request", route: "infer", status: 200, items: 1 }),
      );
      expect(entries).toContainEqual(expect.objectContaining({ msg: "ending", signal }));
    },
  );

  const run = (...args: readonly string[]) => runCommand([addServe], ["serve", ...args]);

  it.each([
    [["--port", "70000"], "--port: expected an integer from 0 to 65535, got 70000"],
    [["--timeout", "0"], "--timeout: expected an integer from 1"],
    [["--window", "soon"], "--window: expected an integer from 0"],
    [["--threads", "0"], "threads: expected an integer from 1"],
    [["--batch", "9", "--queue", "8"], "limits.waiting: expected at least limits.batch = 9, got 8"],
  ])("refuses %j", async (args, message) => {
    const wrong = run(MODEL_FILE, ...args);
    await expect(wrong).rejects.toThrow(OptionError);
    await expect(wrong).rejects.toThrow(message);
  });

  it("refuses a file that is not there, and two of one name", async () => {
    await expect(run("none.safetensors", "--port", "0")).rejects.toThrow(DataError);
    await expect(run(MODEL_FILE, MODEL_FILE, "--port", "0")).rejects.toThrow("got mnist-mlp twice; give NAME=FILE");
  });
});
