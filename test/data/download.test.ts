import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CATALOGUE, type PublishedSet } from "../../src/data/catalogue.ts";
import { download } from "../../src/data/download.ts";
import { DataError } from "../../src/errors.ts";

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const CONTENT = { "a.bin": Buffer.alloc(300_000, 7), "b.bin": Buffer.from("second") };
const FILES = Object.entries(CONTENT).map(([name, bytes]) => ({ name, sha256: sha256(bytes) }));

/** A gzipped tar file with the contents in a folder, made by the system's tar. */
function archiveOf(content: Readonly<Record<string, Uint8Array>>): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "circulant-"));
  mkdirSync(join(folder, "inside"));
  for (const [name, bytes] of Object.entries(content)) writeFileSync(join(folder, "inside", name), bytes);
  execFileSync("tar", ["-czf", join(folder, "out.tar.gz"), "-C", folder, "inside"]);
  const bytes = readFileSync(join(folder, "out.tar.gz"));
  rmSync(folder, { recursive: true });
  return bytes;
}

describe("download", () => {
  let folder = "";
  let served: Record<string, Uint8Array> = {};
  let asked: string[] = [];
  /** Ends the connection after so many bytes of a body. */
  let cutAfter = Number.POSITIVE_INFINITY;
  const server = createServer(({ url }, response) => {
    const name = (url ?? "").replace("/set/", "");
    asked.push(name);
    const bytes = served[name];
    if (bytes === undefined) {
      response.writeHead(404).end("no such file");
      return;
    }
    response.writeHead(200, { "content-length": bytes.length });
    if (bytes.length <= cutAfter) response.end(bytes);
    else response.write(bytes.subarray(0, cutAfter), () => response.destroy());
  });
  const out = () => join(folder, "out");
  const base = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/set/`;
  const set = (change: Partial<PublishedSet> = {}): PublishedSet => {
    return { title: "A set", licence: "none", base: base(), files: FILES, ...change };
  };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "circulant-"));
    served = { ...CONTENT };
    asked = [];
    cutAfter = Number.POSITIVE_INFINITY;
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterEach(async () => {
    rmSync(folder, { recursive: true });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  test("fetches every file and says how far it is", async () => {
    const seen: (readonly [string, number, boolean])[] = [];
    const last = new Map<string, readonly [number, number | undefined]>();
    await download(set(), out(), {
      onFile: (...file) => seen.push(file),
      onBytes: (name, received, total) => last.set(name, [received, total]),
    });
    expect(seen).toEqual([
      ["a.bin", 300_000, true],
      ["b.bin", 6, true],
    ]);
    expect(last.get("a.bin")).toEqual([300_000, 300_000]);
    expect(readdirSync(out()).sort()).toEqual(["a.bin", "b.bin"]);
    expect(readFileSync(join(out(), "a.bin"))).toEqual(CONTENT["a.bin"]);
  });

  test("unpacks an archive, whatever folder its files are in", async () => {
    served = { "set.tar.gz": archiveOf(CONTENT) };
    await download(set({ archive: "set.tar.gz" }), out());
    expect(readdirSync(out()).sort()).toEqual(["a.bin", "b.bin"]);
    expect(readFileSync(join(out(), "a.bin"))).toEqual(CONTENT["a.bin"]);
  });

  test("fetches only what is missing and takes a mirror", async () => {
    mkdirSync(out());
    writeFileSync(join(out(), "a.bin"), CONTENT["a.bin"]);
    const seen: (readonly [string, number, boolean])[] = [];
    const options = { mirror: base().slice(0, -1), onFile: (...file: [string, number, boolean]) => seen.push(file) };
    await download(set({ base: "http://127.0.0.1:1/" }), out(), options);
    expect([asked, seen]).toEqual([
      ["b.bin"],
      [
        ["a.bin", 300_000, false],
        ["b.bin", 6, true],
      ],
    ]);
  });

  test("refuses a file of another digest, there before or fetched, and keeps nothing of it", async () => {
    served = { ...served, "a.bin": Buffer.alloc(300_000, 8) };
    await expect(download(set(), out())).rejects.toThrow(DataError);
    await expect(download(set(), out())).rejects.toThrow(
      /a\.bin: expected SHA-256 .*, got .* of 300000 bytes; nothing/,
    );
    expect(readdirSync(out())).toEqual([]);
    writeFileSync(join(out(), "b.bin"), "other");
    await expect(download(set(), out())).rejects.toThrow(/out\/b\.bin: expected SHA-256 .*; move it away/);
    expect(readFileSync(join(out(), "b.bin"), "utf8")).toBe("other");
  });

  const refused = async (change: Partial<PublishedSet>, message: RegExp) => {
    await expect(download(set(change), out())).rejects.toThrow(DataError);
    await expect(download(set(change), out())).rejects.toThrow(message);
    expect(readdirSync(out())).toEqual([]);
  };

  test("names the address that has no file, that does not answer or that breaks off", async () => {
    served = {};
    await refused({}, /127\.0\.0\.1:\d+\/set\/a\.bin: expected a file to download, got status 404/);
    await refused({ base: "http://127.0.0.1:1/" }, /a\.bin: expected a file to download, got fetch failed/);
    served = { ...CONTENT };
    cutAfter = 100_000;
    await refused({}, /a\.bin: expected a file to download, got .* after \d+ bytes/);
  });

  test("refuses an archive that is none, is cut or lacks a file", async () => {
    const archive = "set.tar.gz";
    served = { [archive]: Buffer.from("no archive") };
    await refused({ archive }, /set\.tar\.gz: expected a gzipped tar file, got/);
    served = { [archive]: archiveOf(CONTENT).subarray(0, 200) };
    await refused({ archive }, /set\.tar\.gz: expected a gzipped tar file, got/);
    served = { [archive]: gzipSync(Buffer.alloc(1024)) };
    await refused({ archive }, /set\.tar\.gz: expected a file a\.bin inside, got none/);
    served = { [archive]: archiveOf({ "a.bin": Buffer.from("other"), "b.bin": CONTENT["b.bin"] }) };
    await refused({ archive }, /set\.tar\.gz, a\.bin: expected SHA-256 .* of 5 bytes/);
  });

  test("is a command that ends with 1 and one line when the digest is another", async () => {
    served = { "train-images-idx3-ubyte.gz": Buffer.from("no digits") };
    const main = new URL("../../dist/cli/main.js", import.meta.url).pathname;
    const args = [main, "data", "mnist", "--out", out(), "--mirror", base()];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    let err = "";
    child.stderr.on("data", (text) => {
      err += text;
    });
    const code = await new Promise((resolve) => child.on("close", resolve));
    expect([code, err.split("\n").length]).toEqual([1, 3]);
    expect(err).toMatch(/^MNIST, .*CC BY-SA 3\.0\n/);
    expect(err).toContain(`expected SHA-256 ${CATALOGUE.mnist.files[0].sha256}`);
    expect(existsSync(join(out(), "train-images-idx3-ubyte.gz"))).toBe(false);
  });
});
