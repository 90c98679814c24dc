import { describe, expect, test } from "vitest";
import {
  asyncPolicy,
  batchPolicy,
  osPolicy,
  resolveSyncPolicy,
  syncPolicy,
} from "./sync-policies.ts";
import type { Backlog, SyncPolicyState } from "./sync-policy.ts";

const NONE: Backlog = { commits: 0, bytes: 0, oldestMs: undefined };

const IDLE: SyncPolicyState = {
  nowMs: 1000,
  buffered: NONE,
  unsynced: NONE,
  syncableBytes: 0,
  writeInFlight: false,
  syncInFlight: false,
};

const waiting = (commits: number, bytes: number, oldestMs: number): Backlog => ({
  commits,
  bytes,
  oldestMs,
});

const ONE = waiting(1, 100, 1000);

describe("sync", () => {
  const policy = syncPolicy();

  test("acknowledges what is synced, and loses nothing to any crash", () => {
    expect(policy.acknowledgeAt).toBe("synced");
    expect(Object.values(policy.promise)).toEqual(
      Array.from({ length: 3 }, () => ({ kind: "nothing" })),
    );
  });

  test("writes when idle, then syncs, one after the other", () => {
    expect(policy.decide(IDLE)).toEqual({ write: false, sync: false });
    expect(policy.decide({ ...IDLE, buffered: ONE })).toEqual({ write: true, sync: false });
    expect(policy.decide({ ...IDLE, syncableBytes: 512 })).toEqual({ write: false, sync: true });
    expect(policy.decide({ ...IDLE, buffered: ONE, syncableBytes: 512 })).toEqual({
      write: false,
      sync: true,
    });
  });

  test("leaves commits that come during a write or a sync for the next", () => {
    for (const busy of [{ writeInFlight: true }, { syncInFlight: true }]) {
      expect(policy.decide({ ...IDLE, ...busy, buffered: ONE, syncableBytes: 512 })).toEqual({
        write: false,
        sync: false,
      });
    }
  });
});

describe("batch", () => {
  const policy = batchPolicy({ commits: 3, bytes: 1000, delayMs: 2 });

  test("loses nothing to any crash", () => {
    expect(policy.promise.power).toEqual({ kind: "nothing" });
  });

  test("waits for company, and asks to be woken when the oldest has waited long enough", () => {
    expect(policy.decide({ ...IDLE, buffered: waiting(2, 999, 999) })).toEqual({
      write: false,
      sync: false,
      wakeAtMs: 1001,
    });
  });

  test.each([
    ["enough commits", waiting(3, 10, 1000)],
    ["enough bytes", waiting(1, 1000, 1000)],
    ["a commit that has waited long enough", waiting(1, 10, 998)],
  ])("writes with %s", (_, buffered) => {
    expect(policy.decide({ ...IDLE, buffered })).toMatchObject({ write: true, sync: false });
  });

  test("syncs what was written without further delay", () => {
    expect(policy.decide({ ...IDLE, syncableBytes: 512 })).toMatchObject({
      write: false,
      sync: true,
    });
  });

  test("is due at the time at which it asked to be woken, whatever that time is", () => {
    for (let startUs = 0; startUs < 20_000; startUs += 1) {
      const buffered = waiting(1, 10, startUs / 1000);
      const { wakeAtMs = Number.NaN } = policy.decide({ ...IDLE, nowMs: startUs / 1000, buffered });
      expect(
        policy.decide({ ...IDLE, nowMs: wakeAtMs, buffered }).write,
        `from ${startUs} us`,
      ).toBe(true);
    }
  });
});

describe("async", () => {
  const policy = asyncPolicy({ intervalMs: 10, bytes: 1000 });

  test("acknowledges from memory, and says what it may lose", () => {
    expect(policy.acknowledgeAt).toBe("appended");
    expect(policy.promise.process).toEqual({ kind: "suffix", milliseconds: 10, bytes: 1000 });
  });

  test("writes at once, and syncs when the interval is over", () => {
    const state = { ...IDLE, buffered: ONE, unsynced: ONE };
    expect(policy.decide(state)).toEqual({ write: true, sync: false, wakeAtMs: 1010 });
    expect(policy.decide({ ...state, nowMs: 1010 })).toEqual({
      write: true,
      sync: true,
      hold: false,
    });
  });

  test("syncs when enough bytes are not durable", () => {
    const state = { ...IDLE, unsynced: waiting(5, 1000, 1000) };
    expect(policy.decide(state)).toEqual({ write: false, sync: true, hold: false });
  });

  test("holds acknowledgements back while more than it promised is not durable", () => {
    expect(policy.decide({ ...IDLE, unsynced: waiting(5, 1001, 1000) }).hold).toBe(true);
    expect(policy.decide({ ...IDLE, unsynced: waiting(1, 10, 989) }).hold).toBe(true);
  });

  test("asks for nothing while everything is durable", () => {
    expect(policy.decide(IDLE)).toEqual({ write: false, sync: false });
  });
});

describe("os", () => {
  test("writes and never syncs", () => {
    const policy = osPolicy();
    expect(policy.acknowledgeAt).toBe("written");
    expect(policy.decide({ ...IDLE, buffered: ONE })).toEqual({ write: true, sync: false });
    expect(policy.decide({ ...IDLE, syncableBytes: 10 ** 9 })).toEqual({
      write: false,
      sync: false,
    });
    expect(policy.promise.process).toEqual({ kind: "nothing" });
    expect(policy.promise.power).toEqual({ kind: "suffix" });
  });
});

test("a policy is taken by name or as an object", () => {
  for (const name of ["sync", "batch", "async", "os"] as const) {
    expect(resolveSyncPolicy(name).name).toBe(name);
  }
  const own = { ...syncPolicy(), name: "mine" };
  expect(resolveSyncPolicy(own)).toBe(own);
});

test.each([
  ["an unknown name", "fsync"],
  ["a name of every object", "constructor"],
  ["no name", { ...syncPolicy(), name: undefined }],
  ["an unknown point to acknowledge at", { ...syncPolicy(), acknowledgeAt: "soon" }],
  ["no decision", { ...syncPolicy(), decide: undefined }],
  ["no promise", { ...syncPolicy(), promise: undefined }],
  ["a number", 5],
])("a policy with %s is refused", (_, policy) => {
  expect(() => Reflect.apply(resolveSyncPolicy, undefined, [policy])).toThrow(
    expect.objectContaining({ code: "INVALID_ARGUMENT" }),
  );
});
