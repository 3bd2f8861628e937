import { afterEach, describe, expect, it, vi } from "vitest";
import { ModelFileError, Session } from "../../src/index.ts";
import { digestOf } from "../../src/model/read.ts";
import { fastDigestOf } from "../../src/runtime/digest.ts";
import { FILE } from "../model/hostile.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

describe.each([
  ["with WebCrypto", globalThis.crypto],
  ["without crypto", undefined],
  ["without WebCrypto", {}],
  ["whose WebCrypto refuses", { subtle: { digest: async () => Promise.reject(new Error("not here")) } }],
])("an engine %s", (_, crypto) => {
  it("digests a file as the reader does, whatever its length", async () => {
    vi.stubGlobal("crypto", crypto);
    for (const length of [0, 10, 150, 200, FILE.length - 1, FILE.length]) {
      const bytes = FILE.slice(0, length);
      expect(await fastDigestOf(bytes)).toBe(digestOf(bytes));
      expect(bytes).toEqual(FILE.slice(0, length));
    }
  });

  it("loads a file and refuses it damaged", async () => {
    vi.stubGlobal("crypto", crypto);
    using session = await Session.create(FILE);
    expect(session.outputs[0].dims).toEqual([3]);
    const damaged = FILE.slice();
    damaged[damaged.length - 1] ^= 1;
    await expect(Session.create(damaged)).rejects.toThrow(ModelFileError);
    await expect(Session.create(damaged)).rejects.toThrow(
      /__metadata__\.sha256: expected .* it was altered or damaged/,
    );
  });
});
