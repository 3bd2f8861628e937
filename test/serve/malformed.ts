import { bytesOf, tensor } from "./clients.ts";

/** A request and how it must be answered. */
export interface Malformed {
  readonly what: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
  readonly status: number;
  readonly code: string;
}

type Random = (below: number) => number;

const PATH = "/v2/models/mnist/infer";
const JSON_TYPE = { "content-type": "application/json" };
const HEADER = "inference-header-content-length";

/** The most bytes of a body and items of a request that the server under test takes. */
export const SMALL_LIMITS = { bodyBytes: 65_536, batch: 8, waiting: 64 };

const pixelList = (random: Random, length = 784) => Array.from({ length }, () => random(256));
const input = (random: Random) => tensor("UINT8", [1, 784], { data: pixelList(random) });
const valid = (random: Random) => ({ id: "x", inputs: [input(random)], outputs: [{ name: "words" }] });

function pick<Value>(random: Random, values: readonly Value[]): Value {
  return values[random(values.length)];
}

const OTHER_THAN_STRING = [1, true, null, [], {}, ["id"]];
const OTHER_THAN_OBJECT = [1, "text", true, null, [], [{}]];

function json(what: string, value: unknown, code: string, path = PATH): Malformed {
  const body = typeof value === "string" ? value : JSON.stringify(value);
  return { what, method: "POST", path, headers: JSON_TYPE, body, status: 400, code };
}

function binary(what: string, head: unknown, bytes: Uint8Array, code: string, length?: string): Malformed {
  const text = new TextEncoder().encode(JSON.stringify(head));
  const body = new Uint8Array(text.length + bytes.length);
  body.set(text);
  body.set(bytes, text.length);
  const headers = { "content-type": "application/octet-stream", [HEADER]: length ?? String(text.length) };
  return { what, method: "POST", path: PATH, headers, body, status: 400, code };
}

function wrongNumber(random: Random): Malformed {
  const data: unknown[] = pixelList(random);
  data[random(784)] = pick(random, [-1, 256, 0.5, 1e9, null, "7", true, {}] as unknown[]);
  return json("a number that is none of the type", { inputs: [tensor("UINT8", [1, 784], { data })] }, "INPUT");
}

function binaryInput(type: string, size: unknown, rest = {}) {
  return { inputs: [tensor(type, [1, 784], { parameters: { binary_data_size: size }, ...rest })] };
}

/** Makes a request that is wrong in one way, for each of the ways. */
const WAYS: readonly ((random: Random) => Malformed)[] = [
  (random) => {
    const text = JSON.stringify(valid(random));
    return json("cut JSON", text.slice(0, random(text.length)), "INPUT");
  },
  (random) => {
    const body = Uint8Array.from({ length: 1 + random(2000) }, () => 128 + random(64));
    return { ...json("no UTF-8", "", "INPUT"), body };
  },
  (random) => json("no object", JSON.stringify(pick(random, OTHER_THAN_OBJECT)), "INPUT"),
  (random) => json("brackets", "[".repeat(1 + random(60_000)), "INPUT"),
  (random) => {
    const depth = 2 + random(20_000);
    const data = `${"[".repeat(depth)}${"]".repeat(depth)}`;
    return json("deep data", `{"inputs":[{"name":"input","datatype":"FP32","shape":[1,784],"data":${data}}]}`, "SHAPE");
  },
  (random) => {
    const depth = 2 + random(20_000);
    return json("deep name", `{"inputs":[{"name":${"[".repeat(depth)}${"]".repeat(depth)}}]}`, "INPUT");
  },
  (random) => json("id", { ...valid(random), id: pick(random, OTHER_THAN_STRING) }, "INPUT"),
  (random) => {
    const inputs = pick(random, [undefined, null, {}, [], "input", [input(random), input(random)]]);
    return json("inputs", { inputs }, "INPUT");
  },
  (random) => json("input", { inputs: [pick(random, OTHER_THAN_OBJECT)] }, "INPUT"),
  (random) => {
    const name = pick(random, ["INPUT", "", "x".repeat(random(5000)), null, 3, "__proto__"]);
    return json("name", { inputs: [{ ...input(random), name }] }, "INPUT");
  },
  (random) => {
    const datatype = pick(random, ["FP64", "FP16", "BOOL", "INT32", "BYTES", "fp32", "constructor", "", null, 16, []]);
    return json("datatype", { inputs: [{ ...input(random), datatype }] }, "INPUT");
  },
  (random) => {
    const sides = Array.from({ length: random(6) }, () => pick(random, [0, -1, 1.5, 2, 28, 784, 1e15, 2 ** 53]));
    const shape = pick<unknown>(random, [undefined, null, "1,784", { 0: 1 }, [1, "784"], [[1, 784]], [...sides, 27]]);
    return json("shape", { inputs: [{ ...input(random), shape }] }, "SHAPE");
  },
  (random) => {
    const data = pixelList(random, pick(random, [1, 783, 785, random(784)]));
    return json("amount of data", { inputs: [{ ...input(random), data }] }, "SHAPE");
  },
  (random) => {
    const data = pick(random, [undefined, null, 1, "AAAA", { length: 784 }]);
    return json("data", { inputs: [{ ...input(random), data }] }, "INPUT");
  },
  wrongNumber,
  (random) => {
    const row = pixelList(random, 28);
    const data = [Array.from({ length: 28 }, (_, y) => (y === random(28) ? row.slice(1) : row.map((v) => [v])))];
    data[0][random(28)] = pick<number[]>(random, [[], [1], row]);
    return json("nesting", { inputs: [tensor("UINT8", [1, 28, 28, 1], { data })] }, "SHAPE");
  },
  (random) => {
    const items = SMALL_LIMITS.batch + 1 + random(1e6);
    return json("batch", { inputs: [tensor("UINT8", [items, 784], { data: [0] })] }, "SHAPE");
  },
  (random) => {
    const outputs = pick<unknown>(random, [null, {}, [], "words", [{}], [{ name: "logits" }], [null], ["words"]]);
    return json("outputs", { ...valid(random), outputs }, "INPUT");
  },
  (random) => {
    const parameters = pick<unknown>(random, [...OTHER_THAN_OBJECT, { binary_data_output: "yes" }]);
    return json("parameters", { ...valid(random), parameters }, "INPUT");
  },
  (random) => {
    const outputs = [{ name: "words", parameters: { binary_data: pick<unknown>(random, [0, "true", null, {}]) } }];
    return json("binary_data", { ...valid(random), outputs }, "INPUT");
  },
  (random) => {
    const size = pick<unknown>(random, [0, 783, 785, -784, 784.5, "784", null, 1e300]);
    return binary("binary_data_size", binaryInput("UINT8", size), new Uint8Array(784), "SHAPE");
  },
  (random) => {
    const bytes = new Uint8Array(pick(random, [783, 785, 1568, random(784)]));
    return binary("bytes of data", binaryInput("UINT8", bytes.length), bytes, "SHAPE");
  },
  (random) => {
    const reals = new Float32Array(784);
    reals[random(784)] = Number.NaN;
    return binary("NaN", binaryInput("FP32", 3136), bytesOf(reals), "INPUT");
  },
  () => binary("data twice", binaryInput("UINT8", 784, { data: [1] }), new Uint8Array(784), "INPUT"),
  () => json("binary_data_size alone", binaryInput("UINT8", 784), "REQUEST"),
  (random) => binary("bytes that nobody asked for", valid(random), new Uint8Array(1 + random(99)), "SHAPE"),
  (random) => {
    const length = pick(random, ["-1", "1e3", "abc", "0x10", "9".repeat(30), "1.5", " "]);
    return binary("length of JSON", binaryInput("UINT8", 784), new Uint8Array(784), "REQUEST", length);
  },
  (random) =>
    binary("long JSON", binaryInput("UINT8", 784), new Uint8Array(784), "REQUEST", String(9999 + random(1e9))),
  (random) => {
    const raw = new Uint8Array(pick(random, [0, 1, 784, 3135, 3137, random(3136)]));
    return { ...binary("raw tensor", {}, raw, "SHAPE", "0"), body: raw };
  },
  (random) => {
    const type = pick(random, [
      "text/plain",
      "application/x-www-form-urlencoded",
      "image/png",
      "json",
      "a".repeat(500),
    ]);
    return { ...json("type", valid(random), "REQUEST"), headers: { "content-type": type }, status: 415 };
  },
  (random) => {
    const headers = { "content-type": "application/octet-stream" };
    return { ...json("bytes without length", valid(random), "REQUEST"), headers, status: 415 };
  },
  (random) => {
    const headers = { ...JSON_TYPE, "content-encoding": pick(random, ["gzip", "br", "deflate", "zip"]) };
    return { ...json("encoding", valid(random), "REQUEST"), headers, status: 415 };
  },
  (random) => {
    const paths = [
      "/",
      "/v2/",
      "/v1/models/mnist:predict",
      "/v2/models/mnist/",
      "/v2/models//infer",
      "/v3",
      "*",
      "//v2",
    ];
    return { ...json("path", "", "REQUEST", pick(random, paths)), method: "GET", status: 404 };
  },
  (random) => {
    const names = ["cifar", "%2e%2e%2fmnist", "..%2f..%2fetc%2fpasswd", "mnist%00", "mnist.safetensors", "constructor"];
    const path = `/v2/models/${pick(random, names)}/${pick(random, ["infer", "versions/1/infer"])}`;
    return { ...json("model", valid(random), "REQUEST", path), status: 404 };
  },
  (random) => ({
    ...json("version", valid(random), "REQUEST", `/v2/models/mnist/versions/${random(9)}/infer`),
    status: 404,
  }),
  (random) => json("percents", valid(random), "REQUEST", pick(random, ["/v2/models/%/infer", "/v2/models/%ff/infer"])),
  (random) => {
    const method = pick(random, ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"]);
    return { ...json("method", "", "REQUEST"), method, status: 405 };
  },
  (random) => {
    const path = pick(random, [
      "/v2",
      "/v2/health/live",
      "/v2/health/ready",
      "/v2/models/mnist",
      "/v2/models/mnist/ready",
    ]);
    return { ...json("method of a page", "{}", "REQUEST", path), status: 405 };
  },
  (random) => {
    const body = " ".repeat(SMALL_LIMITS.bodyBytes + 1 + random(9999));
    return { ...json("size", body, "REQUEST"), status: 413 };
  },
  (random) => {
    const body = " ".repeat(SMALL_LIMITS.bodyBytes + 1 + random(9999));
    const headers = { ...JSON_TYPE, "transfer-encoding": "chunked" };
    return { ...json("size in chunks", body, "REQUEST"), headers, status: 413 };
  },
];

/** The i-th malformed request: the ways in turn. */
export function malformed(i: number, random: Random): Malformed {
  return WAYS[i % WAYS.length](random);
}

/** A valid request of JSON or of bytes with a few bytes changed; it may still be valid. */
export function mutated(random: Random): Pick<Malformed, "headers" | "body"> {
  const pixels = Uint8Array.from(pixelList(random));
  const { headers, body } =
    random(2) === 0
      ? binary("", binaryInput("UINT8", 784), pixels, "")
      : { headers: JSON_TYPE, body: JSON.stringify(valid(random)) };
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body.slice();
  for (let n = 1 + random(4); n > 0; n--) bytes[random(Math.min(bytes.length, 300))] = random(256);
  return { headers, body: bytes };
}
