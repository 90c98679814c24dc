import { expect, test } from "vitest";
import { commitNumber } from "../base/units.ts";
import { VersionStore } from "../versions/version-store.ts";
import { findConflict } from "./conflict-check.ts";
import type { IsolationLevel } from "./conflict-check.ts";
import { ReadSet } from "./read-set.ts";
import { WriteSet } from "./write-set.ts";

interface Did {
  readonly read?: string;
  readonly scanned?: readonly [low: string, high: string];
  readonly wrote?: string;
}

/** Somebody else changed "b" in commit 1; the candidate saw commit 0. */
function conflictOf(isolation: IsolationLevel, did: Did): string | undefined {
  const versions = new VersionStore();
  versions.add(commitNumber(1), [{ key: "b", old: undefined }]);
  const [reads, writes] = [new ReadSet(), new WriteSet()];
  if (did.read !== undefined) {
    reads.addKey(did.read);
  }
  if (did.scanned !== undefined) {
    const [low, high] = did.scanned;
    reads.addRange({ low: { key: low, inclusive: true }, high: { key: high, inclusive: true } });
  }
  if (did.wrote !== undefined) {
    writes.set(did.wrote, Uint8Array.of(1));
  }
  const candidate = { isolation, snapshot: commitNumber(0), reads, writes };
  const found = findConflict(candidate, { versions, spilled: [] });
  return found?.kind === "conflict" ? found.key : undefined;
}

test.each([
  ["read-committed", {}, undefined],
  ["read-committed", { read: "b", wrote: "b" }, undefined],
  ["snapshot", { wrote: "b" }, "b"],
  ["snapshot", { wrote: "a" }, undefined],
  ["snapshot", { read: "b", wrote: "a" }, undefined],
  ["serializable", { wrote: "b" }, undefined],
  ["serializable", { read: "b", wrote: "a" }, "b"],
  ["serializable", { read: "a", wrote: "b" }, undefined],
  ["serializable", { scanned: ["a", "c"], wrote: "z" }, "b"],
  ["serializable", { scanned: ["b", "b"], wrote: "z" }, "b"],
  ["serializable", { scanned: ["c", "d"], wrote: "z" }, undefined],
] as const)("at %s, after %o, the conflicting key is %s", (isolation, did, expected) => {
  expect(conflictOf(isolation, did)).toBe(expected);
});

test("a commit that the snapshot already sees is no conflict", () => {
  const versions = new VersionStore();
  versions.add(commitNumber(1), [{ key: "b", old: undefined }]);
  const [reads, writes] = [new ReadSet(), new WriteSet()];
  reads.addKey("b");
  const snapshot = commitNumber(1);
  expect(
    findConflict({ isolation: "serializable", snapshot, reads, writes }, { versions, spilled: [] }),
  ).toBe(undefined);
});
