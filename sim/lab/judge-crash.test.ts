import { describe, expect, test } from "vitest";

import type { Loss } from "../../engine/log/sync-policy.ts";
import { OS_LIVED_ON } from "../disk/crash-summary.ts";
import { judgeCrash } from "./judge-crash.ts";
import type { LabCommit, LabFound, LabHistory } from "./lab-history.ts";

const NOTHING: Loss = { kind: "nothing" };
const ANY: Loss = { kind: "suffix" };

/** Commit i of 0..n-1, acknowledged at i milliseconds with number i + 1. */
function acknowledged(count: number): LabCommit[] {
  return Array.from({ length: count }, (_, step) => ({
    step,
    bytes: 10,
    calledUs: step * 1000,
    acknowledgedUs: step * 1000,
    number: step + 1,
    rejected: false,
  }));
}

function state(steps: readonly number[], last: number | undefined = steps.at(-1)): LabFound {
  return { kind: "state", steps, last, strange: undefined };
}

function history(found: LabFound, changes: Partial<LabHistory> = {}): LabHistory {
  return {
    commits: acknowledged(4),
    upgradedThrough: 0,
    crashedUs: 10_000,
    crash: { ...OS_LIVED_ON, kind: "power", inFlight: 0, landed: 0 },
    found,
    syncFailed: false,
    ...changes,
  };
}

describe("what is left is compared with what was promised", () => {
  test("everything is there: no loss, whatever was promised", () => {
    const judged = judgeCrash(history(state([0, 1, 2, 3])), "power", NOTHING);
    expect(judged).toEqual({
      tested: true,
      upgradeTested: false,
      loss: { commits: 0, bytes: 0, milliseconds: 0, ageMs: 0 },
      consistency: "prefix",
    });
  });

  test("a lost suffix is measured between acknowledgements, and back from the crash", () => {
    const judged = judgeCrash(history(state([0])), "power", ANY);
    expect(judged.loss).toEqual({ commits: 3, bytes: 30, milliseconds: 2, ageMs: 9 });
    expect(judged.broken).toBeUndefined();
  });

  test.each([
    [NOTHING, "it promised to lose nothing, and 3 acknowledged commits went"],
    [{ kind: "suffix", commits: 2 }, "it promised to lose at most 2 commits, and 3 went"],
    [{ kind: "suffix", milliseconds: 1.5 }, "at most 1.5 milliseconds, and 2 went"],
    [{ kind: "suffix", bytes: 29 }, "it promised to lose at most 29 bytes, and 30 went"],
  ] as const)("a loss beyond %j breaks it", (promise, message) => {
    const { broken } = judgeCrash(history(state([0])), "power", promise);
    expect(broken?.part).toBe("loss");
    expect(broken?.message).toContain(message);
  });

  test("exactly the bound is within the bound", () => {
    const promise: Loss = { kind: "suffix", commits: 3, milliseconds: 2, bytes: 30 };
    expect(judgeCrash(history(state([0])), "power", promise).broken).toBeUndefined();
  });
});

describe("consistency goes before bounds", () => {
  test("a commit that is gone before one that is there is a hole", () => {
    const judged = judgeCrash(history(state([0, 2, 3])), "power", ANY);
    expect(judged.consistency).toBe("hole");
    expect(judged.broken?.part).toBe("consistency");
  });

  test("a commit in part is corruption: of its two keys one is there", () => {
    expect(judgeCrash(history(state([0, 1], 2)), "power", ANY).consistency).toBe("corrupt");
    expect(judgeCrash(history(state([0, 1], 0)), "power", ANY).consistency).toBe("corrupt");
    const without: LabFound = { kind: "state", steps: [0], last: undefined, strange: undefined };
    expect(judgeCrash(history(without), "power", ANY).consistency).toBe("corrupt");
  });

  test("a store that does not open, or shows what nobody wrote, is corrupt", () => {
    const refused: LabFound = { kind: "refused", reason: "damaged" };
    expect(judgeCrash(history(refused), "power", ANY).broken?.message).toContain("does not open");
    const strange: LabFound = { kind: "state", steps: [], last: undefined, strange: "key x" };
    expect(judgeCrash(history(strange), "power", ANY).consistency).toBe("corrupt");
  });

  test("who promises nothing at all breaks nothing, and is seen for what it is", () => {
    const judged = judgeCrash(history(state([0, 2, 3])), "power", { kind: "may-corrupt" });
    expect(judged.broken).toBeUndefined();
    expect(judged.consistency).toBe("hole");
  });

  test("commits that were not acknowledged may be there or not", () => {
    const commits = acknowledged(4);
    for (const commit of commits.slice(2)) {
      commit.number = undefined;
      commit.acknowledgedUs = undefined;
    }
    for (const found of [state([0, 1]), state([0, 1, 2]), state([0, 1, 2, 3])]) {
      expect(judgeCrash(history(found, { commits }), "power", NOTHING).broken).toBeUndefined();
    }
  });
});

test("what an explicit sync made durable has to be there, whatever the policy promises", () => {
  const judged = judgeCrash(history(state([0]), { upgradedThrough: 2 }), "os", ANY);
  expect(judged.broken?.part).toBe("upgrade");
  expect(judgeCrash(history(state([0, 1]), { upgradedThrough: 2 }), "os", ANY)).toMatchObject({
    upgradeTested: true,
  });
});

describe("a sync error", () => {
  test("what the restart showed may not go with the power", () => {
    const changes = { syncFailed: true, foundLater: state([0]) };
    const judged = judgeCrash(history(state([0, 1]), changes), "sync-error", ANY);
    expect(judged.broken?.part).toBe("restart");
  });

  test("without one nothing was tested", () => {
    expect(judgeCrash(history(state([0, 1, 2, 3])), "sync-error", ANY).tested).toBe(false);
  });
});

test("a crash before the first acknowledgement tests nothing", () => {
  const judged = judgeCrash(history(state([]), { commits: [] }), "power", NOTHING);
  expect(judged.tested).toBe(false);
});
