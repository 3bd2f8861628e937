// Requests a second of `circulant serve` with the MNIST network of dense layers, single images, and what it does at
// twice its capacity. Needs wrk (apt-get install wrk). Run after a build: node bench/serve.mjs [--seconds 60]
//
// wrk's connections ask again as soon as they are answered. The capacity is the most of them that are all served: it is
// looked for by doubling, and then twice as many ask.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Session } from "../dist/index.js";

const { values } = parseArgs({
  options: { seconds: { type: "string", default: "60" }, threads: { type: "string" } },
});
const seconds = Number(values.seconds);
const root = fileURLToPath(new URL("..", import.meta.url));
const MODEL = join(root, "models/mnist-mlp.safetensors");
const PATH = "/v2/models/mnist-mlp/infer";

/** Requests at a time where the capacity is not sought, and how long each step of the search is. */
const CONCURRENCY = 64;
const STEP_SECONDS = 5;

if (spawnSync("wrk", ["-v"]).error) throw new Error("wrk: expected it to be installed: apt-get install wrk");
const folder = mkdtempSync(join(tmpdir(), "circulant-"));

const pixels = Uint8Array.from({ length: 784 }, (_, i) => (i * 37) % 256);
const outputs = [{ name: "words" }];
const head = JSON.stringify({
  inputs: [{ name: "input", shape: [1, 784], datatype: "UINT8", parameters: { binary_data_size: 784 } }],
  outputs,
  parameters: { binary_data_output: true },
});
const BODIES = {
  binary: {
    body: Buffer.concat([Buffer.from(head), pixels]),
    headers: {
      "Content-Type": "application/octet-stream",
      "Inference-Header-Content-Length": String(Buffer.byteLength(head)),
    },
  },
  json: {
    body: Buffer.from(
      JSON.stringify({ inputs: [{ name: "input", shape: [1, 784], datatype: "UINT8", data: [...pixels] }], outputs }),
    ),
    headers: { "Content-Type": "application/json" },
  },
};

/** A script that makes wrk send a body and print what it saw as JSON. */
function script(name) {
  const { body, headers } = BODIES[name];
  const file = join(folder, `${name}.lua`);
  writeFileSync(join(folder, name), body);
  const set = Object.entries(headers).map(([key, value]) => `wrk.headers["${key}"] = "${value}"\n`);
  writeFileSync(
    file,
    `local f = io.open("${join(folder, name)}", "rb")
wrk.method, wrk.body = "POST", f:read("*a")
f:close()
${set.join("")}function done(summary, latency)
  local e = summary.errors
  io.write(string.format('{"count":%d,"microseconds":%d,"refused":%d,"errors":%d,"p50":%d,"p99":%d}\\n',
    summary.requests, summary.duration, e.status, e.connect + e.read + e.write + e.timeout,
    latency:percentile(50), latency:percentile(99)))
end
`,
  );
  return file;
}

async function load(port, name, connections, duration) {
  const args = ["-t1", `-c${connections}`, `-d${duration}s`, "--timeout", "20s", "-s", script(name)];
  const wrk = spawn("wrk", [...args, `http://127.0.0.1:${port}${PATH}`]);
  let text = "";
  wrk.stdout.on("data", (chunk) => {
    text += chunk;
  });
  await once(wrk, "close");
  const { count, microseconds, refused, errors, p50, p99 } = JSON.parse(text.slice(text.lastIndexOf('{"count"')));
  const rate = (n) => Math.round((n * 1e6) / microseconds);
  return { served: rate(count - refused), refused: rate(refused), errors, p50: p50 / 1000, p99: p99 / 1000 };
}

/** Megabytes that the server holds now, as Linux counts them. */
function residentMegabytes(pid) {
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Math.round(Number(kilobytes) / 1024);
}

/** Asks beside wrk, four times a second: the most memory meanwhile, and the refusals that said when to try again. */
function watch(pid, port, name) {
  const seen = { megabytes: 0, refusals: 0, withRetry: 0 };
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      const { status, headers } = await ask(port, name);
      seen.megabytes = Math.max(seen.megabytes, residentMegabytes(pid));
      if (status === 503) seen.refusals++;
      if (status === 503 && Number(headers.get("retry-after")) > 0) seen.withRetry++;
      if (status !== 200 && status !== 503) throw new Error(`${name}: expected 200 or 503, got ${status}`);
      await sleep(250);
    }
  })();
  return async () => {
    isOver = true;
    await watching;
    return seen;
  };
}

async function ask(port, name) {
  const { body, headers } = BODIES[name];
  const response = await fetch(`http://127.0.0.1:${port}${PATH}`, { method: "POST", headers, body });
  return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
}

/** One answer of the server against a session in this process. */
async function check(port, name) {
  const { headers, bytes } = await ask(port, name);
  const length = Number(headers.get("inference-header-content-length") ?? bytes.length);
  const [{ data }] = JSON.parse(bytes.subarray(0, length).toString()).outputs;
  const words = data ?? new Int16Array(Uint8Array.from(bytes.subarray(length)).buffer);
  const expected = Session.createSync(readFileSync(MODEL)).runSync({ input: pixels }).words.data;
  if (String([...words]) !== String([...expected])) throw new Error(`${name}: expected ${expected}, got ${words}`);
}

/** The most requests at a time that are all served, by doubling. */
async function findCapacity(load) {
  for (let connections = CONCURRENCY; ; connections *= 2) {
    const { refused } = await load(2 * connections);
    if (refused > 0) return connections;
  }
}

const threads = values.threads ? ["--threads", values.threads] : [];
const server = spawn(
  process.execPath,
  [join(root, "dist/cli/main.js"), "serve", MODEL, "--port", "0", "--log-level", "error", ...threads],
  { stdio: ["ignore", "pipe", "inherit"] },
);
try {
  const [line] = await once(server.stdout, "data");
  const { port } = new URL(String(line));
  for (const name of Object.keys(BODIES)) await check(port, name);
  console.log(`${process.version}, ${availableParallelism()} cores, wrk on the same machine, ${seconds} s a row`);
  await load(port, "binary", CONCURRENCY, STEP_SECONDS);
  const capacity = await findCapacity((connections) => load(port, "binary", connections, STEP_SECONDS));
  console.log(`capacity    ${capacity} requests at a time: no 503 with as many, some with twice as many`);
  console.log("body    at once  served/s  503/s  errors  p50 ms  p99 ms  most MB");
  const row = async (name, connections) => {
    const watched = watch(server.pid, port, name);
    const { served, refused, errors, p50, p99 } = await load(port, name, connections, seconds);
    const { megabytes, refusals, withRetry } = await watched();
    const cells = [connections, served, refused, errors, p50.toFixed(1), p99.toFixed(1), megabytes];
    const widths = [7, 9, 6, 7, 7, 7, 8];
    console.log(name.padEnd(7), ...cells.map((cell, i) => String(cell).padStart(widths[i])));
    if (withRetry !== refusals) throw new Error(`503: expected Retry-After, got none in ${refusals - withRetry}`);
    if (errors > 0) process.exitCode = 1;
    return served;
  };
  const before = await row("binary", CONCURRENCY);
  await row("json", CONCURRENCY);
  await row("binary", 2 * capacity);
  await row("json", 2 * capacity);
  await row("binary", 4 * capacity);
  const after = await row("binary", CONCURRENCY);
  console.log(`afterwards  ${((100 * after) / before).toFixed(0)} % of the rate before`);
  for (const name of Object.keys(BODIES)) await check(port, name);
} finally {
  server.kill("SIGTERM");
  const [code] = await once(server, "exit");
  rmSync(folder, { recursive: true });
  if (code !== 0) process.exitCode = 1;
  console.log(`server ended with code ${code}`);
}
