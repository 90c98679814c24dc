import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { commitNumber, lsn } from "../base/units.ts";
import { CommitQueue } from "./commit-queue.ts";
import type { AppendedCommit, LogProgress } from "./commit-queue.ts";
import type { AcknowledgeAt } from "./sync-policy.ts";

function commit(number: number, options: { readonly mustSync?: boolean } = {}): AppendedCommit {
  return {
    commitNumber: commitNumber(number),
    endLsn: lsn(number * 100),
    bytes: 10,
    appendedMs: number,
    mustSync: options.mustSync ?? false,
  };
}

const progress = (appended: number, written: number, synced: number): LogProgress => ({
  appended: lsn(appended),
  written: lsn(written),
  synced: lsn(synced),
});

/** Adds commits 1, 2, 3; the list gets the number of each as it is acknowledged. */
function queueOfThree(level: AcknowledgeAt): { queue: CommitQueue; acknowledged: number[] } {
  const queue = new CommitQueue(level, commitNumber(0));
  const acknowledged: number[] = [];
  for (const number of [1, 2, 3]) {
    const added = commit(number, { mustSync: number === 2 });
    queue.add(added);
    void queue.acknowledged(added).then(() => acknowledged.push(number));
  }
  return { queue, acknowledged };
}

test.each([
  ["appended", progress(200, 0, 0), [1]],
  ["written", progress(300, 100, 0), [1]],
  ["synced", progress(300, 300, 100), [1]],
  ["appended", progress(300, 300, 200), [1, 2, 3]],
  ["written", progress(300, 300, 100), [1, 3]],
  ["synced", progress(300, 300, 300), [1, 2, 3]],
] as const)("at %s, after %o, commits %o are acknowledged", async (level, reached, expected) => {
  const { queue, acknowledged } = queueOfThree(level);
  queue.advance(reached, false);
  await setImmediate();
  expect(acknowledged).toEqual(expected);
});

test("a commit that must be synced waits for its sync under every policy", async () => {
  const { queue, acknowledged } = queueOfThree("appended");
  queue.advance(progress(300, 300, 100), false);
  await setImmediate();
  expect(acknowledged).toEqual([1, 3]);
});

test("while the policy holds, only what is synced is acknowledged", async () => {
  const { queue, acknowledged } = queueOfThree("appended");
  queue.advance(progress(300, 300, 100), true);
  await setImmediate();
  expect(acknowledged).toEqual([1]);
  queue.advance(progress(300, 300, 100), false);
  await setImmediate();
  expect(acknowledged).toEqual([1, 3]);
});

test("commits become visible in order, at the point where they are acknowledged", () => {
  const { queue } = queueOfThree("written");
  expect(queue.visible).toBe(0);
  queue.advance(progress(300, 250, 0), false);
  expect(queue.visible).toBe(2);
  queue.advance(progress(300, 300, 0), false);
  expect(queue.visible).toBe(3);
});

test("the backlogs count commits, bytes and the age of the oldest", () => {
  const { queue } = queueOfThree("synced");
  expect(queue.buffered).toEqual({ commits: 3, bytes: 30, oldestMs: 1 });
  queue.handedToWrite(lsn(250));
  expect(queue.buffered).toEqual({ commits: 1, bytes: 10, oldestMs: 3 });
  queue.advance(progress(300, 200, 100), false);
  expect(queue.unsynced).toEqual({ commits: 2, bytes: 20, oldestMs: 2 });
  queue.handedToWrite(lsn(300));
  queue.advance(progress(300, 300, 300), false);
  expect(queue.buffered).toEqual({ commits: 0, bytes: 0, oldestMs: undefined });
  expect(queue.unsynced).toEqual({ commits: 0, bytes: 0, oldestMs: undefined });
});

test("rejecting rejects everyone who waits, once", async () => {
  const queue = new CommitQueue("synced", commitNumber(0));
  const first = queue.acknowledged(commit(1));
  const second = queue.acknowledged(commit(2));
  queue.rejectAll(new Error("the disk is gone"));
  await expect(first).rejects.toThrow("the disk is gone");
  await expect(second).rejects.toThrow("the disk is gone");
  queue.rejectAll(new Error("again"));
});

test("waiting for visibility ends when nothing is invisible any more", async () => {
  const { queue } = queueOfThree("synced");
  let published = false;
  const waiting = queue.published(lsn(300), 5).then(() => {
    published = true;
  });
  queue.advance(progress(300, 300, 200), false);
  await setImmediate();
  expect(published).toBe(false);
  queue.advance(progress(300, 300, 300), false);
  await waiting;
  await queue.published(lsn(300), 5);
});
