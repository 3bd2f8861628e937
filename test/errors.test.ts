import { describe, expect, it, vi } from "vitest";
import * as errors from "../src/errors.ts";

/** The entry as it is shipped. */
const BUNDLE = new URL("../dist/index.js", import.meta.url).href;

describe("errors", () => {
  it("are instances of the same class of another copy of the package, and of no other", async () => {
    vi.resetModules();
    const other: typeof errors = await import("../src/errors.ts");
    expect(other.ShapeError).not.toBe(errors.ShapeError);
    const error = new other.ShapeError("x");
    expect(error instanceof errors.ShapeError).toBe(true);
    expect(error instanceof errors.CirculantError).toBe(true);
    expect(error instanceof Error).toBe(true);
    expect(error instanceof errors.InputError).toBe(false);
    expect(error.name).toBe("ShapeError");
    expect({ code: "SHAPE" } instanceof errors.ShapeError).toBe(false);
    const nothing: unknown = null;
    expect(nothing instanceof errors.CirculantError).toBe(false);
  });

  it("have the name of their class, also in a bundle", async () => {
    for (const [name, Class] of Object.entries(errors)) {
      if (name === "CirculantError" || name === "RequestError") continue;
      expect(new (Class as typeof errors.ShapeError)("x").name).toBe(name);
    }
    expect(new errors.RequestError(404, "x").name).toBe("RequestError");
    const { Session }: { Session: { createSync(bytes: Uint8Array): unknown } } = await import(BUNDLE);
    expect(() => Session.createSync(new Uint8Array(3))).toThrow(errors.ModelFileError);
    expect(() => Session.createSync(new Uint8Array(3))).toThrow(expect.objectContaining({ name: "ModelFileError" }));
  });

  it("leave classes that a program derives to the prototype chain", () => {
    class Own extends errors.ShapeError {}
    class Other extends errors.CirculantError {}
    expect(new errors.ShapeError("x") instanceof Own).toBe(false);
    expect(new errors.ShapeError("x") instanceof Other).toBe(false);
    expect(new Own("x") instanceof errors.ShapeError).toBe(true);
  });
});
