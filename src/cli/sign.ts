import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { existsSync } from "node:fs";
import type { Command } from "commander";
import { DataError, OptionError } from "../errors.ts";
import { readModel } from "../model/read.ts";
import { readTrusted } from "../runtime/signature.ts";
import { readBytes, writeWhole } from "./files.ts";

/** Adds `circulant keygen`. */
export function addKeygen(program: Command): void {
  program
    .command("keygen")
    .description("make a pair of Ed25519 keys: NAME.pem to sign models with, NAME.pub.pem for those who load them")
    .requiredOption("--out <name>", "files to write, without their ends")
    .action(runKeygen);
}

/** Adds `circulant sign`. */
export function addSign(program: Command): void {
  program
    .command("sign")
    .description("sign a model file, or check its signature with --check")
    .argument("<model>", "model file")
    .option("--key <pem>", "private key, an Ed25519 key in PEM")
    .option("--check <pem>", "public key; checks the signature and writes nothing")
    .option("--signature <file>", "the signature to write or check (default: MODEL.sig)")
    .action(runSign);
}

function runKeygen({ out }: { readonly out: string }): void {
  const [secret, open] = [`${out}.pem`, `${out}.pub.pem`];
  const taken = [secret, open].find((file) => existsSync(file));
  if (taken !== undefined)
    throw new DataError(`${taken}: expected no file of this name, got one; keys are not replaced`);
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  writeWhole(secret, privateKey.export({ type: "pkcs8", format: "pem" }), 0o600);
  writeWhole(open, publicKey.export({ type: "spki", format: "pem" }));
  process.stdout.write(
    `${secret}: the private key; keep it where models are signed and nowhere else\n` +
      `${open}: the public key; give it to Session.create in trust.keys\n`,
  );
}

interface SignOptions {
  readonly key?: string;
  readonly check?: string;
  readonly signature?: string;
}

async function runSign(file: string, { key, check, signature = `${file}.sig` }: SignOptions): Promise<void> {
  if (key !== undefined && check === undefined) return signModel(file, key, signature);
  if (check !== undefined && key === undefined) return checkSignature(file, check, signature);
  throw new OptionError("sign: expected --key to sign or --check to check, and not both", { option: "key" });
}

function signModel(file: string, key: string, signature: string): void {
  const bytes = readBytes(file);
  readModel(bytes);
  writeWhole(signature, sign(null, bytes, readKey(key)));
  process.stdout.write(`${signature}: the signature of ${file}\n`);
}

async function checkSignature(file: string, check: string, signature: string): Promise<void> {
  const bytes = readBytes(file);
  const keys = [new TextDecoder().decode(readBytes(check))];
  await readTrusted(bytes, { keys, signature: readBytes(signature) }, undefined);
  process.stdout.write(`${file}: signed by ${check}\n`);
}

function readKey(file: string): KeyObject {
  const pem = Buffer.from(readBytes(file));
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (cause) {
    throw new DataError(`${file}: expected a private key in PEM without a passphrase (${(cause as Error).message})`, {
      file,
    });
  }
  if (key.asymmetricKeyType === "ed25519") return key;
  throw new DataError(
    `${file}: expected an Ed25519 key, got ${key.asymmetricKeyType}; make one with circulant keygen`,
    {
      file,
    },
  );
}
