import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import { afterAll, describe, expect, it } from "vitest";
import { binaryBody, digits, MODEL_FILE, openSession, readAnswer, tensor } from "./clients.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const DEPLOY = join(ROOT, "deploy");
const isInstalled = existsSync(join(DEPLOY, "test/node_modules/wrangler"));
const folder = mkdtempSync(join(tmpdir(), "circulant-"));
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

/** A package of deploy/test, which are not those of the root. */
const load = createRequire(join(DEPLOY, "test/package.json"));
const read = (path: string) => readFileSync(join(DEPLOY, path), "utf8");

interface Container {
  readonly args: readonly string[];
  readonly readinessProbe: { readonly httpGet: { readonly path: string; readonly port: number } };
  readonly livenessProbe: { readonly httpGet: { readonly path: string } };
}
interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: Readonly<Record<string, unknown>> & { readonly containers?: readonly Container[] };
}

const manifest = (path: string): Manifest => (load("yaml") as { parse(text: string): Manifest }).parse(read(path));

interface Validated {
  validate(): void;
}

describe.skipIf(!isInstalled)("a manifest (needs npm ci --prefix deploy/test)", () => {
  const { Service } = isInstalled ? load("@kubernetes-models/knative/serving.knative.dev/v1") : { Service: undefined };
  const checkKnative = (value: unknown) => (new Service(value) as Validated).validate();
  const checkKserve = isInstalled
    ? new Ajv({ allErrors: true }).compile(JSON.parse(read("kserve/schema.json")))
    : undefined;

  it("of Knative holds by Knative's own schema, and a wrong one does not", () => {
    const service = manifest("knative/service.yaml");
    expect(() => checkKnative(service)).not.toThrow();
    const text = JSON.stringify(service);
    for (const [right, wrong] of [
      ['"containerConcurrency":256', '"containerConcurrency":"256"'],
      ['"containerPort":8080', '"containerPort":"8080"'],
      ['"args":["serve",', '"args":[1,'],
      ['"httpGet":{', '"httpGet":{"httpHeaders":[{}],'],
    ]) {
      expect(text).toContain(right);
      expect(() => checkKnative(JSON.parse(text.replace(right, wrong))), wrong).toThrow();
    }
  });

  it.each(["kserve/serving-runtime.yaml", "kserve/inference-service.yaml"])("%s holds by KServe's fields", (path) => {
    const value = manifest(path);
    expect(checkKserve?.(value), JSON.stringify(checkKserve?.errors)).toBe(true);
    const text = JSON.stringify(value);
    for (const [right, wrong] of [
      ['"scaleMetric":"concurrency"', '"scaleMetric":"requests"'],
      ['"minReplicas"', '"minReplica"'],
      ['"protocolVersions":["v2"]', '"protocolVersions":["v3"]'],
      ['"readinessProbe":{"httpGet"', '"readinessProbe":{"http"'],
    ]) {
      if (text.includes(right)) expect(checkKserve?.(JSON.parse(text.replace(right, wrong))), wrong).toBe(false);
    }
  });

  const containers = () => {
    const template = manifest("knative/service.yaml").spec.template as { spec: { containers: readonly Container[] } };
    const [runtime] = manifest("kserve/serving-runtime.yaml").spec.containers ?? [];
    return { knative: template.spec.containers[0], kserve: runtime };
  };

  it.each(["knative", "kserve"] as const)("of %s starts a server that its probes find ready", async (engine) => {
    const { args, readinessProbe, livenessProbe } = containers()[engine];
    const mounted = join(folder, engine);
    mkdirSync(mounted);
    copyFileSync(MODEL_FILE, join(mounted, "mnist-mlp.safetensors"));
    const { name } = manifest("kserve/inference-service.yaml").metadata;
    const command = args.map((it) =>
      it.replace("{{.Name}}", name).replace("/mnt/models", mounted).replace("/circulant/", ROOT),
    );
    expect(command[command.indexOf("--port") + 1]).toBe(String(readinessProbe.httpGet.port));
    command.push("--port", "0", "--threads", "1", "--log-level", "warn");
    const server = spawn(process.execPath, [join(ROOT, "dist/cli/main.js"), ...command]);
    children.push(server);
    const [line] = await once(server.stdout, "data");
    const { port } = new URL(String(line));
    const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
    expect((await get(readinessProbe.httpGet.path)).status).toBe(200);
    expect((await get(livenessProbe.httpGet.path)).status).toBe(200);
    expect(await (await get("/v2/models/mnist/ready")).json()).toEqual({ name: "mnist", ready: true });
    const exit = once(server, "exit");
    server.kill("SIGTERM");
    expect((await exit)[0]).toBe(0);
  });
});

describe.skipIf(!isInstalled)("the Worker (needs npm ci --prefix deploy/test)", () => {
  it("holds by wrangler's schema of its configuration", () => {
    const schema = JSON.parse(readFileSync(load.resolve("wrangler/config-schema.json"), "utf8"));
    const check = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(schema);
    const config = JSON.parse(read("worker/wrangler.jsonc").replace(/^\s*\/\/.*$/gm, ""));
    expect(check(config), JSON.stringify(check.errors)).toBe(true);
    expect(check({ ...config, compatibility_date: 2026 })).toBe(false);
  });

  it(
    "is bundled by wrangler from the packed package, and gives the words of the session in Node",
    async () => {
      const app = join(folder, "worker");
      const bundle = join(folder, "bundle");
      cpSync(join(DEPLOY, "worker"), app, { recursive: true, filter: (path) => !path.includes("node_modules") });
      copyFileSync(MODEL_FILE, join(app, "mnist-mlp.safetensors"));
      mkdirSync(join(app, "node_modules/circulant"), { recursive: true });
      const run = (command: string, args: readonly string[], cwd: string) =>
        execFileSync(command, args, { cwd, encoding: "utf8", env: { ...process.env, ...QUIET }, stdio: "pipe" });
      const [{ filename }] = JSON.parse(run("npm", ["pack", "--json", "--pack-destination", folder], ROOT));
      run(
        "tar",
        ["xf", join(folder, filename), "-C", join(app, "node_modules/circulant"), "--strip-components=1"],
        ROOT,
      );
      const wrangler = join(DEPLOY, "test/node_modules/.bin/wrangler");
      run(wrangler, ["deploy", "--dry-run", "--outdir", bundle], app);
      expect(readdirSync(bundle)).toContain("worker.js");

      const { Miniflare } = load("miniflare");
      const worker = new Miniflare({
        modulesRoot: bundle,
        modules: true,
        scriptPath: join(bundle, "worker.js"),
        compatibilityDate: "2026-03-01",
        modulesRules: [
          { type: "ESModule", include: ["**/*.js"] },
          { type: "Data", include: ["**/*.safetensors"] },
          { type: "CompiledWasm", include: ["**/*.wasm"] },
        ],
      });
      try {
        const pixels = digits(40);
        const { words, output } = openSession().runSync({ input: pixels });
        const ask = (path: string, init?: unknown) => worker.dispatchFetch(`http://worker${path}`, init);

        const head = { inputs: [tensor("UINT8", [40, 784], { parameters: { binary_data_size: pixels.length } })] };
        const binary = { ...head, parameters: { binary_data_output: true } };
        const bytes = await ask("/v2/models/mnist/infer", { method: "POST", ...binaryBody(binary, pixels) });
        const answer = await readAnswer(bytes as unknown as Response);
        expect(new Float32Array(answer.binary[0].buffer)).toEqual(output.data);
        expect(new Int16Array(answer.binary[1].buffer)).toEqual(words.data);

        const inputs = [tensor("UINT8", [40, 28, 28, 1], { data: [...pixels] })];
        const headers = { "content-type": "application/json" };
        const json = await ask("/v2/models/mnist/infer", { method: "POST", headers, body: JSON.stringify({ inputs }) });
        expect((await json.json()).outputs[1].data).toEqual([...words.data]);

        expect(await (await ask("/v2/health/ready")).json()).toEqual({ ready: true });
        const wrong = await ask("/v2/models/mnist/infer", { method: "POST", headers, body: "{" });
        expect([wrong.status, (await wrong.json()).code]).toEqual([400, "INPUT"]);
        const many = Array.from({ length: 50 }, () => ask("/v2/models/mnist"));
        expect((await Promise.all(many)).map(({ status }) => status)).toEqual(Array(50).fill(200));
      } finally {
        await worker.dispose();
      }
    },
    BUNDLED_MILLISECONDS,
  );
});

/** Packing, bundling and starting workerd take long on a busy machine. */
const BUNDLED_MILLISECONDS = 900_000;

/** So that wrangler neither asks nor tells. */
const QUIET = { WRANGLER_SEND_METRICS: "false", CI: "1", NO_COLOR: "1" };
