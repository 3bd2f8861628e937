import { generateKeyPairSync, sign, webcrypto } from "node:crypto";
import { afterEach, describe, expect, it, vi } from "vitest";
import { CirculantError, ModelFileError, OptionError, RuntimeError, Session, SignatureError } from "../../src/index.ts";
import { writeModel } from "../../src/model/write.ts";
import type { PublicKey, Trust } from "../../src/runtime/signature.ts";
import { identityModel } from "./models.ts";

const MODEL = identityModel({ shape: [1, 1, 3], fractionBits: 8, mean: 0, deviation: 1 });
const FILE = new Uint8Array(writeModel(MODEL));
const INPUT = Int16Array.of(5, -6, 7);

const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const PEM = String(publicKey.export({ type: "spki", format: "pem" }));
const RAW = new Uint8Array(publicKey.export({ type: "spki", format: "der" }).subarray(12));
const SIGNATURE = new Uint8Array(sign(null, FILE, privateKey));
const otherPem = () => String(generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "pem" }));

async function load(trust: Trust, file: Uint8Array = FILE): Promise<number[]> {
  using session = await Session.create(file, { trust });
  return [...session.runSync({ input: INPUT }).words.data];
}

async function refusal(trust: Trust, file: Uint8Array = FILE): Promise<CirculantError> {
  const error = await load(trust, file).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof CirculantError) return error;
  throw new Error(`expected an error of the project, got ${error}`);
}

describe("a signed model is loaded", () => {
  it("by the key in PEM, as 32 bytes and as WebCrypto has it", async () => {
    const imported = await webcrypto.subtle.importKey("raw", RAW, "Ed25519", true, ["verify"]);
    for (const key of [PEM, RAW, imported as PublicKey, PEM.replaceAll("\n", "\r\n")]) {
      expect(await load({ keys: [key], signature: SIGNATURE })).toEqual([...INPUT]);
    }
  });

  it("by any of the trusted keys", async () => {
    expect(await load({ keys: [otherPem(), PEM], signature: SIGNATURE })).toEqual([...INPUT]);
  });

  it("with its signature from a response or an address", async () => {
    const address = `data:application/octet-stream;base64,${Buffer.from(SIGNATURE).toString("base64")}`;
    for (const signature of [new Response(SIGNATURE), address, new URL(address), SIGNATURE.slice().buffer]) {
      expect(await load({ keys: [PEM], signature })).toEqual([...INPUT]);
    }
  });
});

describe("a model is refused if", () => {
  it("any bit of file or signature is another", async () => {
    for (let at = 0; at < FILE.length; at += 13) {
      const file = FILE.slice();
      file[at] ^= 1 << (at % 8);
      expect(await refusal({ keys: [PEM], signature: SIGNATURE }, file)).toBeInstanceOf(SignatureError);
    }
    for (let at = 0; at < SIGNATURE.length; at++) {
      const signature = SIGNATURE.slice();
      signature[at] ^= 1 << (at % 8);
      const error = await refusal({ keys: [PEM], signature });
      expect(error).toBeInstanceOf(SignatureError);
      expect(error).toMatchObject({ code: "SIGNATURE", fields: { problem: "MISMATCH" } });
    }
  });

  it("it is valid and signed by nobody who is trusted", async () => {
    const error = await refusal({ keys: [otherPem(), otherPem()], signature: SIGNATURE });
    expect(error).toBeInstanceOf(SignatureError);
    expect(error.message).toMatch(
      /expected that of one of 2 trusted keys over these \d+ bytes, got another; do not use/,
    );
  });

  it("it is not signed, before a byte of it is parsed", async () => {
    const page = new TextEncoder().encode("<html>");
    expect(await refusal({ keys: [PEM], signature: SIGNATURE }, page)).toBeInstanceOf(SignatureError);
    const signed = new Uint8Array(sign(null, page, privateKey));
    expect(await refusal({ keys: [PEM], signature: signed }, page)).toBeInstanceOf(ModelFileError);
  });

  it.each([
    ["none", undefined as never, "MISSING", /expected the 64 bytes of MODEL.sig, .*, got none/],
    ["63 bytes", SIGNATURE.subarray(1), "LENGTH", /, got 63/],
    ["65 bytes", new Uint8Array(65), "LENGTH", /at most 64 bytes/],
    ["a status", new Response("", { status: 404 }), "MISSING", /HTTP status 404/],
  ])("its signature is %s", async (_, signature, problem, message) => {
    const error = await refusal({ keys: [PEM], signature });
    expect(error).toMatchObject({ code: "SIGNATURE", fields: { problem } });
    expect(error.message).toMatch(message);
  });

  const rsa = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey.export({ type: "spki", format: "pem" });
  const secret = String(privateKey.export({ type: "pkcs8", format: "pem" }));
  it.each([
    ["no list", undefined as never, /expected one public key or more, got none/],
    ["an empty list", [], /expected one public key or more, got none/],
    ["31 bytes", [RAW.subarray(1)], /trust\.keys\[0\]: expected an Ed25519 public key, .* got 31 bytes/],
    ["a private key", [secret], /text that is no PEM of a public key/],
    ["an RSA key", [PEM, String(rsa)], /trust\.keys\[1\]: .* got a key of another algorithm/],
    ["a number", [5 as never], /got Number/],
  ])("the keys are %s", async (_, keys, message) => {
    const error = await refusal({ keys, signature: SIGNATURE });
    expect(error).toBeInstanceOf(OptionError);
    expect(error.message).toMatch(message);
  });

  it("WebCrypto's key is of another use", async () => {
    const key = await webcrypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
    const error = await refusal({ keys: [key.publicKey as PublicKey], signature: SIGNATURE });
    expect(error.message).toMatch(/got a key of ECDSA, public, for verify/);
  });

  it("the call cannot wait for the check", () => {
    const trust = { keys: [PEM], signature: SIGNATURE };
    expect(() => Session.createSync(FILE, { trust })).toThrow(OptionError);
    expect(() => Session.fromModel(MODEL, { trust })).toThrow(/trust: expected Session\.create, which checks/);
  });
});

describe("the bytes that were checked are the bytes that are read", () => {
  it("whenever the caller writes over them meanwhile", async () => {
    const ends: string[] = [];
    for (let wait = 0; wait < 60; wait++) {
      const file = FILE.slice();
      const loading = load({ keys: [PEM], signature: SIGNATURE }, file).then(
        (words) => `${words}`,
        (error: unknown) => (error instanceof SignatureError ? "refused" : `${error}`),
      );
      for (let i = 0; i < wait % 20; i++) await Promise.resolve();
      if (wait >= 20) await new Promise((resolve) => setImmediate(resolve));
      file.fill(0);
      ends.push(await loading);
    }
    expect(new Set(ends)).toEqual(new Set([`${INPUT}`, "refused"]));
  });

  it("in memory that is shared", async () => {
    const shared = new Uint8Array(new SharedArrayBuffer(FILE.length));
    shared.set(FILE);
    expect(await load({ keys: [PEM], signature: SIGNATURE }, shared)).toEqual([...INPUT]);
    using session = Session.createSync(shared);
    shared.fill(0);
    expect([...session.runSync({ input: INPUT }).words.data]).toEqual([...INPUT]);
  });
});

describe("an engine", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it.each([
    ["without WebCrypto", {}, /there is no WebCrypto; a page needs https/],
    [
      "without Ed25519",
      { subtle: { importKey: async () => Promise.reject(new Error("Unrecognized name.")) } },
      /a key cannot be imported \(Unrecognized name\.\)/,
    ],
  ])("%s loads nothing that must be signed", async (_, crypto, message) => {
    vi.stubGlobal("crypto", crypto);
    const error = await refusal({ keys: [PEM], signature: SIGNATURE });
    expect(error).toBeInstanceOf(RuntimeError);
    expect(error.fields).toMatchObject({ problem: "NO_ED25519" });
    expect(error.message).toMatch(message);
  });
});

it("the example of RFC 8032, section 7.1, test 3, is what is checked", async () => {
  const hex = (text: string) => new Uint8Array(Buffer.from(text, "hex"));
  const raw = hex("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025");
  const signature = hex(
    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac" +
      "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
  );
  const error = await refusal({ keys: [raw], signature }, hex("af82"));
  expect(error).toBeInstanceOf(ModelFileError);
  expect(await refusal({ keys: [raw], signature }, hex("af83"))).toBeInstanceOf(SignatureError);
});
