import { describe, expect, test } from "vitest";

import type { SyncPolicyState } from "../../engine/log/sync-policy.ts";
import { GuardedPolicy } from "./guarded-policy.ts";
import { assertPolicy, type LabPolicy } from "./lab-policy.ts";
import { LOSES_NOTHING, syncAtOnce } from "./presets/shapes.ts";

const GOOD: LabPolicy = {
  name: "mine",
  acknowledgeAt: "synced",
  promise: LOSES_NOTHING,
  decide: syncAtOnce,
};

const NONE = { commits: 0, bytes: 0, oldestMs: undefined };

function at(nowMs: number): SyncPolicyState {
  return {
    nowMs,
    buffered: NONE,
    unsynced: NONE,
    syncableBytes: 0,
    writeInFlight: false,
    syncInFlight: false,
  };
}

function throwing(): never {
  throw new RangeError("no such key");
}

function meddling(state: { nowMs: number }): unknown {
  state.nowMs = 0;
  return { write: false, sync: false };
}

/** What the guard says about so many decisions. */
function complaint(decide: unknown, decisions = 50): string | undefined {
  const policy: unknown = { ...GOOD, decide };
  assertPolicy(policy, "test");
  const guarded = new GuardedPolicy(policy);
  for (let decision = 0; decision < decisions && guarded.error === undefined; decision += 1) {
    try {
      guarded.decide(at(decision));
    } catch {
      // The engine sees it; the guard has noted it.
    }
  }
  return guarded.error?.message;
}

describe("a policy at fault is found out, and not taken for one that loses nothing", () => {
  test("a pure one has no fault", () => {
    expect(complaint(syncAtOnce)).toBeUndefined();
  });

  test("one that throws", () => {
    expect(complaint(throwing)).toBe('policy "mine": no such key');
  });

  test("one that decides nothing", () => {
    expect(complaint(() => ({ write: true }))).toContain("decide() must return");
    expect(complaint(() => {})).toContain("decide() must return a decision");
  });

  test("one that has a memory", () => {
    let calls = 0;
    const decide = (): unknown => ({ write: (calls += 1) % 2 === 0, sync: false });
    expect(complaint(decide)).toContain("pure function");
  });

  test("one that changes what it is shown", () => {
    expect(complaint(meddling)).toContain("read only property");
  });

  test("one that is asked without end at one moment", () => {
    const guarded = new GuardedPolicy(GOOD);
    expect(() => {
      for (let decision = 0; decision < 20_000; decision += 1) {
        guarded.decide(at(7));
      }
    }).toThrow("without end at 7 ms");
  });
});

describe("what a file exports is checked, field by field", () => {
  test.each([
    [undefined, "must be an object"],
    [{ ...GOOD, name: "" }, "name must be a text"],
    [{ ...GOOD, decide: true }, "decide must be a function"],
    [{ ...GOOD, acknowledgeAt: "soon" }, 'acknowledgeAt must be "appended", "written" or "synced"'],
    [{ ...GOOD, promise: undefined }, "promise must be an object"],
    [{ ...GOOD, promise: { ...LOSES_NOTHING, os: {} } }, "promise.os.kind must be"],
    [
      { ...GOOD, promise: { ...LOSES_NOTHING, power: { kind: "suffix", commits: -1 } } },
      "promise.power.commits must be a number from 0",
    ],
    [{ ...GOOD, omitsSync: 1 }, "omitsSync must be a function"],
    [{ ...GOOD, tune: { parameters: {}, make: () => GOOD } }, "tune.parameters must have one"],
    [{ ...GOOD, tune: { parameters: { a: [] }, make: () => GOOD } }, "tune.parameters.a must be"],
  ])("%#", (value: unknown, message) => {
    expect(() => {
      assertPolicy(value, "mine.ts");
    }).toThrow(`mine.ts`);
    expect(() => {
      assertPolicy(value, "mine.ts");
    }).toThrow(message);
  });

  test("a whole one passes", () => {
    expect(() => {
      assertPolicy(GOOD, "mine.ts");
    }).not.toThrow();
  });
});
