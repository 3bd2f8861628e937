import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { constants } from "node:os";

/** Output of a program that failed is shown up to here. */
const TAIL_CHARACTERS = 1500;

/** Leaders of the groups that run now; a runner that is ended takes them with it. */
const running = new Set();
process.on("exit", () => running.forEach(killGroup));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => process.exit(128 + constants.signals[signal]));
}

function killGroup(leader) {
  try {
    process.kill(-leader, "SIGKILL");
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}

/**
 * Runs a program to its end.
 *
 * @returns what it printed
 * @throws Error with the end of its output if it fails or takes longer than `seconds`
 */
export async function run(command, args, { cwd, env, seconds = 300 } = {}) {
  const child = start(command, args, { cwd, env });
  const timer = setTimeout(() => child.stop(), 1000 * seconds);
  const code = await child.ended;
  clearTimeout(timer);
  if (code === 0) return child.stdout();
  throw new Error(`${command} ${args.join(" ")}: expected exit 0 within ${seconds} s, got ${code}\n${child.tail()}`);
}

/** The JSON on the last line that a program prints. */
export async function runForJson(command, args, options) {
  const stdout = await run(command, args, options);
  return JSON.parse(stdout.trim().split("\n").at(-1));
}

/** Starts a program in a process group of its own, so that `stop` ends all that it started. */
export function start(command, args, { cwd, env } = {}) {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const chunks = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"]) {
    child[name].setEncoding("utf8").on("data", (text) => {
      chunks[name] += text;
    });
  }
  if (child.pid !== undefined) running.add(child.pid);
  const ended = new Promise((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) => {
      running.delete(child.pid);
      resolve(code ?? signal);
    });
  });
  return {
    ended,
    stdout: () => chunks.stdout,
    tail: () => (chunks.stdout + chunks.stderr).slice(-TAIL_CHARACTERS),
    async stop() {
      if (running.has(child.pid)) killGroup(child.pid);
      await ended;
    },
  };
}

/**
 * Starts a server, waits until it answers at `address`, uses it and stops it.
 *
 * @param use what to do with it
 */
export async function withServer({ command, args, cwd, env, address, seconds = 120 }, use) {
  const server = start(command, args, { cwd, env });
  try {
    await Promise.race([
      answers(address, seconds),
      server.ended.then((code) => {
        throw new Error(`${command}: expected a server, got exit ${code}\n${server.tail()}`);
      }),
    ]);
    return await use(address, server);
  } catch (error) {
    error.message += `\n${server.tail()}`;
    throw error;
  } finally {
    await server.stop();
  }
}

async function answers(address, seconds) {
  const end = Date.now() + 1000 * seconds;
  for (;;) {
    try {
      await (await fetch(address)).arrayBuffer();
      return;
    } catch (error) {
      if (Date.now() > end) throw new Error(`${address}: expected an answer within ${seconds} s, got ${error.message}`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}

/** A port that is free now. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
