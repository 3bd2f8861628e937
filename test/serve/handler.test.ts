import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { OptionError } from "../../src/errors.ts";
import { createHandler, servedSession } from "../../src/serve/index.ts";
import { binaryRequest, bytesOf, digits, INFER, jsonRequest, openSession, readAnswer, tensor } from "./clients.ts";

const session = openSession();
const handle = createHandler({ models: { mnist: servedSession(session, "one") } });
const get = (path: string, method = "GET") => handle(new Request(`http://server${path}`, { method }));
const pixels = digits(3);
const expected = session.runSync({ input: pixels });

/** The same digits as real values and as words, with what the session makes of each. */
const TYPES = (() => {
  const reals = Float32Array.from(pixels, (pixel) => (pixel / 255 - 0.1307) / 0.3081);
  const words = Int16Array.from(reals, (real) => Math.floor(real * 8192 + 0.5));
  return { UINT8: pixels, FP32: reals, INT16: words } as const;
})();

describe("the handler", () => {
  it.each([
    ["/v2/health/live", { live: true }],
    ["/v2/health/ready", { ready: true }],
    ["/v2/models/mnist/ready", { name: "mnist", ready: true }],
    ["/v2/models/mnist/versions/one/ready", { name: "mnist", ready: true }],
  ])("answers %s", async (path, answer) => {
    const response = await get(`${path}?probe=1`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(answer);
  });

  it("gives the package's version and the extension that it has", async () => {
    const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
    const metadata = { name: "circulant", version, extensions: ["binary_tensor_data"] };
    expect(await (await get("/v2")).json()).toEqual(metadata);
  });

  it("gives a model's metadata, -1 for the side of the batch", async () => {
    expect(await (await get("/v2/models/mnist")).json()).toMatchObject({
      name: "mnist",
      versions: ["one"],
      platform: "circulant_safetensors",
      inputs: [{ name: "input", datatype: "FP32", shape: [-1, 28, 28, 1] }],
      outputs: [
        { name: "output", datatype: "FP32", shape: [-1, 10], parameters: { labels: [..."0123456789"] } },
        { name: "words", datatype: "INT16", shape: [-1, 10] },
      ],
    });
  });

  it("says that it is not ready if it is told so, and answers nevertheless", async () => {
    const closing = createHandler({ models: { mnist: session }, isReady: () => false });
    const ready = await closing(new Request("http://server/v2/health/ready"));
    expect([ready.status, await ready.json()]).toEqual([503, { ready: false }]);
    expect((await closing(new Request("http://server/v2/health/live"))).status).toBe(200);
  });

  it("refuses to be made without models, with a name that no address has, or with limits that do not hold", () => {
    expect(() => createHandler({ models: {} })).toThrow(OptionError);
    for (const name of ["", "a/b", "ä", "..", "a".repeat(101)]) {
      expect(() => createHandler({ models: { [name]: session } }), name).toThrow(OptionError);
    }
    for (const limits of [{ batch: 0 }, { waiting: 1.5 }, { bodyBytes: -1 }, { batch: 300, waiting: 299 }]) {
      expect(() => createHandler({ models: { mnist: session }, limits })).toThrow(OptionError);
    }
  });
});

describe.each(["UINT8", "FP32", "INT16"] as const)("inference of %s", (datatype) => {
  const numbers = TYPES[datatype];
  const wanted = session.runSync({ input: numbers });

  it("of flat JSON gives the session's values and words, and echoes the id", async () => {
    const inputs = [tensor(datatype, [3, 28, 28, 1], { data: [...numbers] })];
    const { json } = await readAnswer(await handle(jsonRequest({ id: "seven", inputs })));
    expect(json).toEqual({
      model_name: "mnist",
      model_version: "one",
      id: "seven",
      outputs: [
        { name: "output", datatype: "FP32", shape: [3, 10], data: [...wanted.output.data] },
        { name: "words", datatype: "INT16", shape: [3, 10], data: [...wanted.words.data] },
      ],
    });
  });

  it("of nested JSON gives the same", async () => {
    const rows = (from: number) =>
      Array.from({ length: 28 }, (_, y) => [...numbers.slice(from + 28 * y, from + 28 * y + 28)].map((v) => [v]));
    const data = [0, 784, 1568].map(rows);
    const inputs = [tensor(datatype, [3, 28, 28, 1], { data })];
    const { json } = await readAnswer(await handle(jsonRequest({ inputs, outputs: [{ name: "words" }] })));
    expect(json.outputs.map(({ data }) => data)).toEqual([[...wanted.words.data]]);
    expect(json).not.toHaveProperty("id");
  });

  it("of binary tensors gives binary outputs, whatever the alignment", async () => {
    for (const id of ["", "a", "ab", "abc"]) {
      const inputs = [tensor(datatype, [3, 784], { parameters: { binary_data_size: numbers.byteLength } })];
      const head = { id, inputs, parameters: { binary_data_output: true } };
      const response = await handle(binaryRequest(head, bytesOf(numbers)));
      expect(response.headers.get("content-type")).toBe("application/octet-stream");
      const { json, binary } = await readAnswer(response);
      expect(json.id).toBe(id);
      expect(json.outputs.every(({ data }) => data === undefined)).toBe(true);
      expect(new Float32Array(binary[0].buffer)).toEqual(wanted.output.data);
      expect(new Int16Array(binary[1].buffer)).toEqual(wanted.words.data);
    }
  });
});

describe("inference", () => {
  it("of one item without a side for the batch gives one without it", async () => {
    const inputs = [tensor("UINT8", [28, 28, 1], { data: [...pixels.subarray(0, 784)] })];
    const { json } = await readAnswer(await handle(jsonRequest({ inputs })));
    expect(json.outputs.map(({ shape }) => shape)).toEqual([[10], [10]]);
    expect(json.outputs[1].data).toEqual([...expected.words.data.subarray(0, 10)]);
  });

  it("of a raw tensor takes real values and gives both outputs as bytes", async () => {
    const headers = { "inference-header-content-length": "0" };
    const request = new Request(INFER, { method: "POST", headers, body: TYPES.FP32 });
    const { json, binary } = await readAnswer(await handle(request));
    expect(json.outputs.map(({ shape }) => shape)).toEqual([
      [3, 10],
      [3, 10],
    ]);
    expect(new Int16Array(binary[1].buffer)).toEqual(session.runSync({ input: TYPES.FP32 }).words.data);
  });

  it("gives each output as its own binary_data says, before the request's", async () => {
    const inputs = [tensor("UINT8", [1, 784], { data: [...pixels.subarray(0, 784)] })];
    const outputs = [{ name: "words", parameters: { binary_data: false } }, { name: "output" }];
    const request = jsonRequest({ inputs, outputs, parameters: { binary_data_output: true } });
    const { json, binary } = await readAnswer(await handle(request));
    expect(json.outputs[0].data).toEqual([...expected.words.data.subarray(0, 10)]);
    expect(new Float32Array(binary[0].buffer)).toEqual(expected.output.data.subarray(0, 10));
  });

  it("takes a body without a type, and JSON with a charset", async () => {
    const inputs = [tensor("UINT8", [1, 784], { data: [...pixels.subarray(0, 784)] })];
    const bare = new Request(INFER, { method: "POST", body: new Blob([JSON.stringify({ inputs })]) });
    expect(bare.headers.get("content-type")).toBeNull();
    expect((await handle(bare)).status).toBe(200);
    const charset = jsonRequest({ inputs }, INFER, { "content-type": "Application/JSON; charset=utf-8" });
    expect((await handle(charset)).status).toBe(200);
  });

  it("saturates real values that no word holds, in JSON and in bytes", async () => {
    const reals = Float32Array.from({ length: 784 }, (_, i) => [1e30, -1e30, Infinity, -Infinity][i % 4]);
    const words = session.runSync({ input: reals }).words.data;
    const data = `[${Array.from({ length: 784 }, (_, i) => ["1e30", "-1e30", "1e999", "-1e999"][i % 4])}]`;
    const json = `{"inputs":[{"name":"input","datatype":"FP32","shape":[1,784],"data":${data}}]}`;
    expect((await readAnswer(await handle(jsonRequest(json)))).json.outputs[1].data).toEqual([...words]);
    const inputs = [tensor("FP32", [1, 784], { parameters: { binary_data_size: 3136 } })];
    const answer = await readAnswer(await handle(binaryRequest({ inputs }, bytesOf(reals))));
    expect(answer.json.outputs[1].data).toEqual([...words]);
  });

  it("tells an observer of each call", async () => {
    const seen: unknown[] = [];
    const observed = createHandler({ models: { mnist: session }, onAnswered: (it) => seen.push(it) });
    const inputs = [tensor("UINT8", [1, 784], { data: [...pixels.subarray(0, 784)] })];
    await observed(jsonRequest({ inputs }));
    await observed(jsonRequest({ inputs: [] }));
    await observed(new Request("http://server/other"));
    await observed(new Request("http://server/v2/models/unknown"));
    expect(seen).toMatchObject([
      { route: "infer", model: "mnist", status: 200, items: 1 },
      { route: "infer", model: "mnist", status: 400, items: 0, error: { code: "INPUT" } },
      { route: "other", status: 404, error: { code: "REQUEST" } },
      { route: "metadata", status: 404 },
    ]);
    expect(seen[3]).not.toHaveProperty("model");
  });

  it("hides a fault of the server behind status 500", async () => {
    const released = openSession();
    const faulty = createHandler({ models: { mnist: released } });
    released.release();
    const inputs = [tensor("UINT8", [1, 784], { data: [...pixels.subarray(0, 784)] })];
    const response = await faulty(jsonRequest({ inputs }));
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("released");
  });
});
