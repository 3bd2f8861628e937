import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { JOURNAL, openJournal } from "../../src/design/journal.ts";
import { DataError, OptionError } from "../../src/errors.ts";
import { errorOf } from "../caught.ts";

const ORIGIN = { config: "a".repeat(64), data: "b".repeat(64) };
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "circulant-journal-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const file = () => join(folder, JOURNAL);

/** A journal of two jobs. */
function written(): void {
  const journal = openJournal(folder, ORIGIN, false);
  journal.add("one", { loss: 1 }, { model: Uint8Array.of(1, 2, 3) }, 1.5);
  journal.add("two", { loss: 2 }, {}, 0.5);
  journal.close();
}

describe("the journal of a run", () => {
  it("has what was added, and its files", () => {
    written();
    const journal = openJournal(folder, ORIGIN, true);
    expect([...journal.entries.keys()]).toEqual(["one", "two"]);
    const entry = journal.entries.get("one");
    expect(entry).toMatchObject({ result: { loss: 1 }, seconds: 1.5 });
    expect(journal.read(entry?.files.model ?? "")).toEqual(Uint8Array.of(1, 2, 3));
    journal.close();
  });

  it("loses no more than the line that was being written, wherever it is cut", () => {
    written();
    const whole = readFileSync(file());
    const ends = [...whole.keys()].filter((at) => whole[at] === 0x0a).map((at) => at + 1);
    for (let length = 0; length <= whole.length; length++) {
      writeFileSync(file(), whole.subarray(0, length));
      const journal = openJournal(folder, ORIGIN, true);
      const expected = ["one", "two"].filter((_, n) => ends[n + 1] <= length);
      expect([...journal.entries.keys()]).toEqual(expected);
      journal.add("three", {}, {}, 0);
      journal.close();
      const again = openJournal(folder, ORIGIN, true);
      expect([...again.entries.keys()]).toEqual([...expected, "three"]);
      again.close();
    }
  });

  it("is not begun over one that is there", () => {
    written();
    expect(() => openJournal(folder, ORIGIN, false)).toThrow(/expected no run in this folder, got one; --resume/);
  });

  it("is of one configuration and one set of images", () => {
    written();
    for (const [name, what] of [
      ["config", "configuration"],
      ["data", "images"],
    ] as const) {
      const error = errorOf(() => openJournal(folder, { ...ORIGIN, [name]: "c".repeat(64) }, true));
      expect(error).toBeInstanceOf(OptionError);
      expect(error.message).toContain(`expected a run of this ${what}`);
    }
  });

  it("is refused when it is damaged, or holds a job twice", () => {
    for (const line of ["{", "[]", '{"id":"x"}', '{"id":"one","result":{},"files":{},"seconds":1}']) {
      rmSync(folder, { recursive: true });
      written();
      appendFileSync(file(), `${line}\n`);
      const error = errorOf(() => openJournal(folder, ORIGIN, true));
      expect(error, line).toBeInstanceOf(DataError);
      expect(error.message).toMatch(/line 4: expected a job that was done, once/);
    }
  });

  it("gives no file that was altered or is gone", () => {
    written();
    const journal = openJournal(folder, ORIGIN, true);
    const digest = journal.entries.get("one")?.files.model ?? "";
    truncateSync(join(folder, "files", digest), 2);
    expect(() => journal.read(digest)).toThrow(/expected bytes of this SHA-256/);
    rmSync(join(folder, "files", digest));
    expect(() => journal.read(digest)).toThrow(DataError);
    journal.close();
  });
});
