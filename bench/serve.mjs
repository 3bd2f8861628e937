// Requests a second of `circulant serve` with the MNIST network of dense layers, single images, and what it does under
// more load than it takes. Needs wrk (apt-get install wrk). Run after a build: node bench/serve.mjs [--seconds 60]
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
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

/** Requests at a time: as the figures ask, and more than the server takes. */
const CONCURRENCY = 64;
const OVERLOAD = 1024;

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

/** One answer of the server against a session in this process. */
async function check(port, name) {
  const { body, headers } = BODIES[name];
  const response = await fetch(`http://127.0.0.1:${port}${PATH}`, { method: "POST", headers, body });
  const bytes = Buffer.from(await response.arrayBuffer());
  const length = Number(response.headers.get("inference-header-content-length") ?? bytes.length);
  const [{ data }] = JSON.parse(bytes.subarray(0, length).toString()).outputs;
  const words = data ?? new Int16Array(Uint8Array.from(bytes.subarray(length)).buffer);
  const expected = Session.createSync(readFileSync(MODEL)).runSync({ input: pixels }).words.data;
  if (String([...words]) !== String([...expected])) throw new Error(`${name}: expected ${expected}, got ${words}`);
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
  console.log("body    at once  served/s  503/s  errors  p50 ms  p99 ms  MB after");
  const row = async (name, connections) => {
    const { served, refused, errors, p50, p99 } = await load(port, name, connections, seconds);
    const cells = [connections, served, refused, errors, p50.toFixed(1), p99.toFixed(1), residentMegabytes(server.pid)];
    const widths = [7, 9, 6, 7, 7, 7, 9];
    console.log(name.padEnd(7), ...cells.map((cell, i) => String(cell).padStart(widths[i])));
  };
  await load(port, "binary", CONCURRENCY, Math.min(5, seconds));
  await row("binary", CONCURRENCY);
  await row("json", CONCURRENCY);
  await row("binary", OVERLOAD);
  await row("binary", OVERLOAD);
  await row("binary", CONCURRENCY);
  for (const name of Object.keys(BODIES)) await check(port, name);
} finally {
  server.kill("SIGTERM");
  const [code] = await once(server, "exit");
  rmSync(folder, { recursive: true });
  if (code !== 0) process.exitCode = 1;
  console.log(`server ended with code ${code}`);
}
