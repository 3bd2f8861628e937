import { rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildNative, type Native } from "../../bench/native/build.mjs";
import { findDifference, nativeOf, subjects } from "../../bench/native/subject.mjs";
import { translateKernels } from "../../bench/native/translate.mjs";
import { shippedKernels } from "../../scripts/count.mjs";

const ROOT = new URL("../../", import.meta.url);
const module = new WebAssembly.Module(shippedKernels());
const built: Native[] = [];

function build(kernels = translateKernels(ROOT)): Native | string {
  const native = buildNative(module, { flags: ["-O1"], kernels });
  if (native.reason !== undefined) return native.reason;
  built.push(native);
  return native;
}

async function differenceOf(native: Native, [one]: ReturnType<typeof subjects>): Promise<number> {
  const backend = one.backend(module);
  const child = nativeOf(native, backend);
  try {
    return await findDifference(native, child, [backend]);
  } finally {
    child.end();
  }
}

describe("the kernels in C", () => {
  let native: Native | string;
  beforeAll(() => {
    native = build();
  });
  afterAll(() => {
    for (const { folder } of built) rmSync(folder, { recursive: true });
  });

  it("leave every byte of the memory as WebAssembly does", async (test) => {
    if (typeof native === "string") return test.skip(native);
    for (const one of subjects()) expect(await differenceOf(native, [one]), one.name).toBe(-1);
  });

  it("whose halves are rounded leave other bytes", async (test) => {
    if (typeof native === "string") return test.skip(native);
    const rounded = translateKernels(ROOT);
    const planted = rounded.replace(
      "return i16x8_shr_s(a, 1);",
      "return i16x8_shr_s(i16x8_add(a, i16x8_splat(1)), 1);",
    );
    expect(planted).not.toBe(rounded);
    const other = build(planted);
    if (typeof other === "string") throw new Error(other);
    expect(await differenceOf(other, subjects())).toBeGreaterThanOrEqual(0);
  });
});
