import { expect, test } from "vitest";
import { InvariantError } from "../base/assert.ts";
import { commitNumber } from "../base/units.ts";
import { SnapshotRegistry } from "./snapshot-registry.ts";

const at = commitNumber;

test("the oldest snapshot in use is known until its last user is gone", () => {
  const registry = new SnapshotRegistry();
  expect(registry.oldest()).toBeUndefined();
  registry.take(at(3), 10);
  registry.take(at(3), 10);
  registry.take(at(5), 20);
  expect([registry.oldest(), registry.count]).toEqual([3, 3]);
  registry.release(at(3));
  expect([registry.oldest(), registry.oldestAgeMs(50)]).toEqual([3, 40]);
  registry.release(at(3));
  expect([registry.oldest(), registry.count]).toEqual([5, 1]);
  registry.take(at(5), 20);
  registry.release(at(5));
  registry.release(at(5));
  expect([registry.oldest(), registry.count]).toEqual([undefined, 0]);
  expect(registry.oldestAgeMs(60)).toBe(0);
});

test("releasing what was not taken is a bug of ours", () => {
  expect(() => new SnapshotRegistry().release(at(1))).toThrow(InvariantError);
});
