import { DIGEST_OFFSET, NO_DIGEST } from "../model/header.ts";
import { digestOf } from "../model/read.ts";

/**
 * `digestOf` by the engine's own SHA-256 where it has one: the first run of one in JavaScript takes longer than all else
 * that loads a model.
 */
export async function fastDigestOf(bytes: Uint8Array): Promise<string> {
  const { crypto } = globalThis as { crypto?: Crypto };
  if (!crypto?.subtle || bytes.length < DIGEST_OFFSET + NO_DIGEST.length) return digestOf(bytes);
  const zeroed = new Uint8Array(bytes);
  zeroed.set(new TextEncoder().encode(NO_DIGEST), DIGEST_OFFSET);
  const digest = await crypto.subtle.digest("SHA-256", zeroed).catch(() => undefined);
  if (digest === undefined) return digestOf(bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
