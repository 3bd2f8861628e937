import { readFileSync } from "node:fs";
import binaryen from "binaryen";
import { describe, expect, it } from "vitest";
import { CASES } from "../../bench/cases.mjs";
import { counterOf, measure, shippedKernels } from "../../scripts/count.mjs";
import { instrument, readCounts } from "../../scripts/instrument.mjs";
import { findLost, findRises, formatRecord, REMEDY, type Record, updateRecord } from "../../scripts/record.mjs";
import { placeOf, rewriteFunctions } from "../../scripts/wasm-code.mjs";

const RECORD = JSON.parse(readFileSync(new URL("../../bench/counts.json", import.meta.url), "utf8")) as Record;
const MLP = CASES.filter(({ name }) => name === "model mnist-mlp")[0];

/** v128.const 0, drop. */
const PLANTED = [0xfd, 12, ...new Array<number>(16).fill(0), 0x1a];

/** A loop with a branch, a switch, a call, and both ways to write many bytes. */
const EXAMPLE = `(module (memory (export "memory") 1)
  (global $unused (mut i32) (i32.const 0))
  (func $leaf (param i32) (result i32) (i32.add (local.get 0) (i32.load8_u (local.get 0))))
  (func (export "example") (param $n i32) (result i32) (local $sum i32)
    (memory.fill (i32.const 0) (i32.const 1) (local.get $n))
    (loop $again
      (if (i32.and (local.get $n) (i32.const 1))
        (then (v128.store (i32.const 32) (i8x16.add (v128.load (i32.const 0)) (v128.load (i32.const 16)))))
        (else (i32.store (i32.const 64) (i32.const 7))))
      (local.set $sum (i32.add (local.get $sum)
        (block $out (result i32) (drop (br_if $out (i32.const 5) (i32.eqz (local.get $n)))) (call $leaf (local.get $n)))))
      (block $a (block $b (br_table $a $b $a (local.get $n))) (nop))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (memory.copy (i32.const 128) (i32.const 0) (i32.const 9))
    (local.get $sum)))`;

function compiled(text: string): Uint8Array<ArrayBuffer> {
  const module = binaryen.parseText(text);
  module.setFeatures(binaryen.Features.All);
  const wasm = Uint8Array.from(module.emitBinary());
  module.dispose();
  return wasm;
}

function instanceOf(wasm: Uint8Array<ArrayBuffer>): WebAssembly.Instance {
  return new WebAssembly.Instance(new WebAssembly.Module(wasm));
}

function example({ exports }: WebAssembly.Instance, n: number): number {
  return (exports.example as (n: number) => number)(n);
}

describe("an instrumented binary", () => {
  const wasm = compiled(EXAMPLE);

  it.each([1, 2, 5, 40])("counts each instruction that it executes (n = %d)", (n) => {
    const instance = instanceOf(instrument(wasm));
    example(instance, n);
    const odd = Math.ceil(n / 2);
    const even = n - odd;
    const around = 4 + 4 + 1;
    const condition = 4;
    const block = 1 + 5 + 2 + 2;
    const leaf = 4;
    const turn = condition + block + leaf + 2 + 5;
    const nop = 1;
    expect(readCounts(instance)).toEqual({
      instructions: around + n * turn + 7 * odd + 3 * even + nop,
      v128: 4 * odd,
      loads: 2 * odd + n,
      stores: odd + even,
      bulkBytes: n + 9,
    });
  });

  it("computes what the binary computes", () => {
    for (const n of [1, 2, 17]) expect(example(instanceOf(instrument(wasm)), n)).toBe(example(instanceOf(wasm), n));
    const counted = new WebAssembly.Module(instrument(shippedKernels()));
    for (const { name, make } of CASES.filter(({ name }) => /^(model mnist|.* k=(16|64),? )/.test(name))) {
      const made = make(counted);
      expect(made.words(), name).toEqual(made.expected());
    }
  });

  it("that has an opcode which is not known is refused", () => {
    const strange = rewriteFunctions(wasm, (code) => Uint8Array.from([0x06, ...code]));
    expect(() => instrument(strange)).toThrow("expected an instruction of the kernels, got opcode 6");
  });
});

describe("what an inference executes", () => {
  it("is within the record, as are the bytes of what is shipped", () => {
    const measured = measure();
    const changes = [...findRises(RECORD, measured), ...findLost(RECORD, measured)];
    expect(changes, `if they are meant, record them: ${REMEDY}`).toEqual([]);
  });

  it("does not depend on the words", () => {
    const count = counterOf(shippedKernels());
    const { make } = MLP;
    const zeros = count({
      ...MLP,
      make(module) {
        const made = make(module);
        made.run();
        return made;
      },
    });
    expect(zeros).toEqual(count(MLP));
  });

  it("is above the record by one planted instruction of SIMD", () => {
    const wasm = shippedKernels();
    const run = placeOf(wasm, "run");
    const planted = rewriteFunctions(wasm, (code, place) =>
      place === run ? Uint8Array.from([...PLANTED, ...code]) : code,
    );
    const clean = counterOf(wasm)(MLP)[MLP.name];
    const record = { [MLP.name]: { ...clean, why: "" } };
    expect(findRises(record, counterOf(wasm)(MLP))).toEqual([]);
    expect(findRises(record, counterOf(planted)(MLP))).toEqual([
      `model mnist-mlp: instructions rose from ${clean.instructions} to ${clean.instructions + 2}`,
      `model mnist-mlp: v128 rose from ${clean.v128} to ${clean.v128 + 1}`,
    ]);
  });
});

describe("the record", () => {
  const record: Record = { a: { v128: 10, why: "first" }, b: { bytes: 100, gzipBytes: 1000, why: "first" } };

  it("lets numbers fall, and compressed bytes differ by a hundredth", () => {
    const measured = { a: { v128: 9 }, b: { bytes: 100, gzipBytes: 1010 } };
    expect(findRises(record, measured)).toEqual([]);
    expect(updateRecord(record, measured)).toEqual({
      a: { v128: 9, why: "first" },
      b: { bytes: 100, gzipBytes: 1010, why: "first" },
    });
  });

  it("takes what rose and what is new only with a reason, which the others do not get", () => {
    const measured = { a: { v128: 10 }, b: { bytes: 101, gzipBytes: 1011 }, c: { v128: 1 } };
    const rises = [
      "b: bytes rose from 100 to 101",
      "b: gzipBytes rose from 1000 to 1011",
      "c: expected an entry of the record, got none",
    ];
    expect(findRises(record, measured)).toEqual(rises);
    expect(() => updateRecord(record, measured)).toThrow([...rises, `give the reason: ${REMEDY}`].join("\n"));
    expect(updateRecord(record, measured, "wider")).toEqual({
      a: { v128: 10, why: "first" },
      b: { bytes: 101, gzipBytes: 1011, why: "wider" },
      c: { v128: 1, why: "wider" },
    });
  });

  it("misses what nothing counts any more", () => {
    expect(findLost(record, { a: { v128: 10 } })).toEqual(["b: expected it to be counted as recorded, got nothing"]);
  });

  it("is written as it is read, an entry a line", () => {
    expect(JSON.parse(formatRecord(record))).toEqual(record);
    expect(formatRecord(record).split("\n")).toHaveLength(5);
  });
});
