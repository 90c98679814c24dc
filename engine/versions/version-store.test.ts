import fc from "fast-check";
import { expect, test } from "vitest";
import { commitNumber } from "../base/units.ts";
import { VersionStore } from "./version-store.ts";

const at = commitNumber;
const bytes = (value: number): Uint8Array => Uint8Array.of(value);

/** Commit 1 gave a the value 1, commit 2 changed it to 2 and made b, commit 3 removed a. */
function threeCommits(): VersionStore {
  const versions = new VersionStore();
  versions.add(at(1), [{ key: "a", old: undefined }]);
  versions.add(at(2), [
    { key: "a", old: bytes(1) },
    { key: "b", old: undefined },
  ]);
  versions.add(at(3), [{ key: "a", old: bytes(2) }]);
  return versions;
}

test("an older snapshot finds what the key held then; the newest finds nothing older", () => {
  const versions = threeCommits();
  expect(versions.asOf("a", at(0))).toMatchObject({ value: undefined });
  expect(versions.asOf("a", at(1))).toMatchObject({ value: bytes(1) });
  expect(versions.asOf("a", at(2))).toMatchObject({ value: bytes(2) });
  expect(versions.asOf("a", at(3))).toBeUndefined();
  expect(versions.asOf("c", at(0))).toBeUndefined();
});

test("a range finds the keys that changed since, in order", () => {
  const versions = threeCommits();
  const keys = (snapshot: number): string[] =>
    versions.rangeAsOf({}, at(snapshot)).map(([key]) => key);
  expect(keys(1)).toEqual(["a", "b"]);
  expect(keys(2)).toEqual(["a"]);
  expect(keys(3)).toEqual([]);
});

test("changes after a snapshot are seen per key and per range", () => {
  const versions = threeCommits();
  expect(versions.changedSince("b", at(1))).toBe(true);
  expect(versions.changedSince("b", at(2))).toBe(false);
  const above = { low: { key: "a", inclusive: false } };
  expect(versions.changedInRangeSince(above, at(1))).toBe("b");
  expect(versions.changedInRangeSince(above, at(2))).toBeUndefined();
});

test("what no snapshot needs is let go", () => {
  const versions = threeCommits();
  versions.release(at(2));
  expect([versions.commits, versions.size]).toEqual([1, 1]);
  expect(versions.asOf("a", at(2))).toMatchObject({ value: bytes(2) });
  versions.release(at(3));
  expect([versions.commits, versions.size]).toEqual([0, 0]);
});

test("whatever is committed and released, a kept snapshot reads what was there", () => {
  const key = fc.constantFrom("a", "b", "c", "d");
  const write = fc.tuple(key, fc.option(fc.nat({ max: 255 }), { nil: undefined }));
  const commit = fc.uniqueArray(write, { selector: ([key]) => key, maxLength: 4 });
  fc.assert(
    fc.property(fc.array(commit, { maxLength: 12 }), fc.nat({ max: 12 }), (commits, kept) => {
      const versions = new VersionStore();
      const newest = new Map<string, number>();
      const history = [new Map(newest)];
      for (const [index, writes] of commits.entries()) {
        const old = (key: string): Uint8Array | undefined => {
          const value = newest.get(key);
          return value === undefined ? undefined : bytes(value);
        };
        versions.add(
          at(index + 1),
          writes.map(([key]) => ({ key, old: old(key) })),
        );
        for (const [key, value] of writes) {
          newest.delete(key);
          if (value !== undefined) {
            newest.set(key, value);
          }
        }
        history.push(new Map(newest));
        versions.release(at(Math.min(kept, index + 1)));
      }
      for (
        let snapshot = Math.min(kept, commits.length);
        snapshot <= commits.length;
        snapshot += 1
      ) {
        for (const key of ["a", "b", "c", "d"]) {
          const older = versions.asOf(key, at(snapshot));
          const value = older === undefined ? newest.get(key) : older.value?.[0];
          expect(value).toBe(history[snapshot]?.get(key));
        }
      }
    }),
  );
});
