import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addKeygen, addSign } from "../../src/cli/sign.ts";
import { DataError, ModelFileError, OptionError, Session, SignatureError } from "../../src/index.ts";
import { runCommand } from "./run-command.ts";

const SHIPPED = fileURLToPath(new URL("../../models/mnist-cnn.safetensors", import.meta.url));

let folder: string;
const at = (name: string) => join(folder, name);
const run = (...args: readonly string[]) => runCommand([addKeygen, addSign], args);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "circulant-"));
  copyFileSync(SHIPPED, at("model"));
  await run("keygen", "--out", at("ours"));
  await run("keygen", "--out", at("theirs"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("circulant sign", () => {
  it("makes what the loader takes for the key, and for no other", async () => {
    await run("sign", at("model"), "--key", at("ours.pem"));
    const signature = readFileSync(at("model.sig"));
    expect(signature).toHaveLength(64);
    const load = (key: string) => {
      const trust = { keys: [readFileSync(at(key), "utf8")], signature };
      return Session.create(readFileSync(at("model")), { trust });
    };
    using session = await load("ours.pub.pem");
    expect(session.outputs[0].dims).toEqual([10]);
    await expect(load("theirs.pub.pem")).rejects.toThrow(SignatureError);
  });

  it("checks with --check, and a file that was altered fails", async () => {
    const { out } = await run("sign", at("model"), "--check", at("ours.pub.pem"));
    expect(out).toContain("signed by");
    await expect(run("sign", at("model"), "--check", at("theirs.pub.pem"))).rejects.toThrow(SignatureError);
    const altered = readFileSync(at("model"));
    altered[altered.length - 1] ^= 1;
    writeFileSync(at("altered"), altered);
    const args = ["--check", at("ours.pub.pem"), "--signature", at("model.sig")];
    await expect(run("sign", at("altered"), ...args)).rejects.toThrow(SignatureError);
  });

  it("makes the signature that OpenSSL makes, and OpenSSL takes it", () => {
    const openssl = (...args: string[]) => spawnSync("openssl", args, { cwd: folder, encoding: "utf8" });
    if (openssl("version").status !== 0) return console.warn("skipped: there is no openssl");
    const common = ["-rawin", "-in", "model"];
    expect(openssl("pkeyutl", "-sign", "-inkey", "ours.pem", ...common, "-out", "other.sig").status).toBe(0);
    expect(readFileSync(at("other.sig"))).toEqual(readFileSync(at("model.sig")));
    const { stdout } = openssl(
      "pkeyutl",
      "-verify",
      "-pubin",
      "-inkey",
      "ours.pub.pem",
      ...common,
      "-sigfile",
      "model.sig",
    );
    expect(stdout).toContain("Verified Successfully");
  });

  it("signs no file that is no model, and with no key that is none", async () => {
    writeFileSync(at("page"), "<html>");
    writeFileSync(at("none.pem"), "none");
    spawnSync("openssl", ["genrsa", "-out", at("rsa.pem"), "1024"]);
    await expect(run("sign", at("page"), "--key", at("ours.pem"))).rejects.toThrow(ModelFileError);
    await expect(run("sign", at("model"), "--key", at("none.pem"))).rejects.toThrow(/expected a private key in PEM/);
    await expect(run("sign", at("model"), "--key", at("ours.pub.pem"))).rejects.toThrow(DataError);
    await expect(run("sign", at("model"))).rejects.toThrow(OptionError);
    await expect(run("sign", at("model"), "--key", "a", "--check", "b")).rejects.toThrow(OptionError);
  });
});

describe("circulant keygen", () => {
  it("lets only its owner read the private key", () => {
    expect(statSync(at("ours.pem")).mode & 0o777).toBe(0o600);
  });

  it("replaces no key", async () => {
    const before = readFileSync(at("ours.pem"));
    await expect(run("keygen", "--out", at("ours"))).rejects.toThrow(/expected no file of this name, got one/);
    expect(readFileSync(at("ours.pem"))).toEqual(before);
  });
});
