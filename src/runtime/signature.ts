import { type ModelFileError, OptionError, RuntimeError, SignatureError } from "../errors.ts";
import { messageOf } from "./message.ts";
import { type ModelSource, readSource } from "./source.ts";
import { typeName } from "./tensor.ts";

/** An Ed25519 public key: its 32 bytes, its PEM text, or as WebCrypto has it. */
export type PublicKey = Uint8Array | string | CryptoKey;

/** Whose models are loaded. */
export interface Trust {
  /** One of them must have signed the file: a new key beside the old one while keys change. */
  readonly keys: readonly PublicKey[];
  /** The 64 bytes of the signature, or where to read them: the file MODEL.sig that `circulant sign` writes. */
  readonly signature: ModelSource;
}

const ALGORITHM = "Ed25519";
const SIGNATURE_BYTES = 64;

/**
 * A copy of a model file that a trusted key has signed. What is checked is what is given back: the caller's bytes may
 * change while the check is under way.
 *
 * @throws SignatureError if none of the keys has signed these bytes
 * @throws OptionError    if there is no key, or one is none
 * @throws RuntimeError   if the engine has no Ed25519
 * @see RFC 8032
 */
export async function readTrusted(
  file: Uint8Array,
  { keys, signature }: Trust,
  signal: AbortSignal | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(file);
  const subtle = subtleCrypto();
  if (!Array.isArray(keys) || keys.length === 0) {
    throw new OptionError("trust.keys: expected one public key or more, got none", { option: "trust.keys" });
  }
  const imported = await Promise.all(keys.map((key: PublicKey, i) => importKey(subtle, key, `trust.keys[${i}]`)));
  const signed = await readSignature(signature, signal);
  for (const key of imported) if (await subtle.verify(ALGORITHM, key, signed, bytes)) return bytes;
  const which = imported.length === 1 ? "the trusted key" : `one of ${imported.length} trusted keys`;
  throw new SignatureError(
    `signature: expected that of ${which} over these ${bytes.length} bytes, got another; do not use the file`,
    { problem: "MISMATCH" },
  );
}

async function readSignature(source: ModelSource, signal: AbortSignal | undefined): Promise<Uint8Array<ArrayBuffer>> {
  const expected = `signature: expected the ${SIGNATURE_BYTES} bytes of MODEL.sig, as circulant sign writes them`;
  if (source === undefined) throw new SignatureError(`${expected}, got none`, { problem: "MISSING" });
  const bytes = await readSource(source, SIGNATURE_BYTES, signal).catch((error: unknown) => {
    if (!isModelFileError(error)) throw error;
    const problem = error.fields.field === "size" ? "LENGTH" : "MISSING";
    throw new SignatureError(`${expected}; ${error.message}`, { ...error.fields, problem });
  });
  if (bytes.length === SIGNATURE_BYTES) return new Uint8Array(bytes);
  throw new SignatureError(`${expected}, got ${bytes.length}`, { problem: "LENGTH" });
}

function isModelFileError(error: unknown): error is ModelFileError {
  return (error as { code?: unknown }).code === "MODEL_FILE";
}

function subtleCrypto(): SubtleCrypto {
  const { crypto } = globalThis as { crypto?: Crypto };
  if (crypto?.subtle) return crypto.subtle;
  throw missing("there is no WebCrypto; a page needs https");
}

function missing(reason: string): RuntimeError {
  return new RuntimeError(`trust: expected an engine with Ed25519 in WebCrypto, got one where ${reason}`, {
    problem: "NO_ED25519",
    reason,
  });
}

/** DER of a public key before its 32 bytes: SEQUENCE { SEQUENCE { 1.3.101.112 } BIT STRING }. */
const SPKI = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

async function importKey(subtle: SubtleCrypto, key: PublicKey, option: string): Promise<CryptoKey> {
  if (isKey(key)) {
    const { algorithm, type, usages } = key;
    if (algorithm.name === ALGORITHM && type === "public" && usages.includes("verify")) return key;
    throw keyError(option, `a key of ${algorithm.name}, ${type}, for ${usages.join(", ") || "nothing"}`);
  }
  const raw = typeof key === "string" ? bytesOfPem(key, option) : key;
  if (typeName(raw) !== "Uint8Array" || raw.length !== 32) {
    throw keyError(option, typeName(raw) === "Uint8Array" ? `${raw.length} bytes` : typeName(raw));
  }
  try {
    return await subtle.importKey("raw", new Uint8Array(raw), ALGORITHM, false, ["verify"]);
  } catch (error) {
    throw missing(`a key cannot be imported (${messageOf(error)})`);
  }
}

const isKey = (key: PublicKey): key is CryptoKey => typeName(key) === "CryptoKey";

function bytesOfPem(text: string, option: string): Uint8Array {
  const [, base64] = /^\s*-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----\s*$/.exec(text) ?? [];
  if (base64 === undefined) throw keyError(option, "text that is no PEM of a public key");
  const der = decode(base64.replace(/\s/g, ""));
  if (der?.length === SPKI.length + 32 && SPKI.every((byte, i) => der[i] === byte)) return der.subarray(SPKI.length);
  throw keyError(option, "a key of another algorithm");
}

function decode(base64: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

function keyError(option: string, got: string): OptionError {
  return new OptionError(`${option}: expected an Ed25519 public key, 32 bytes or PEM text, got ${got}`, { option });
}
