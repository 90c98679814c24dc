import { describe, expect, test } from "vitest";

import type { Loss, PolicyPromise } from "../../engine/log/sync-policy.ts";
import { CommitLog, orderCommits } from "./commit-log.ts";
import { Attempt, Life } from "./history.ts";
import { judgeLoss, type LossSeen, measureLoss } from "./judge-loss.ts";

/** Five commits, acknowledged every 10 ms, of 100 bytes each. */
function lossAfter(recovered: number): LossSeen {
  const life = new Life(0, new Int32Array(1));
  for (let number = 1; number <= 5; number += 1) {
    const attempt = new Attempt(0, "serializable");
    attempt.writes.set(0, number);
    attempt.bytes = 100;
    life.called(attempt, 0);
    life.acknowledged(attempt, { number, durable: false }, number * 10);
  }
  const log = orderCommits(life);
  if (!(log instanceof CommitLog)) {
    throw new TypeError(log.message);
  }
  return measureLoss(log, recovered, "power");
}

function promising(power: Loss): PolicyPromise {
  return { process: { kind: "nothing" }, os: power, power };
}

describe("loss", () => {
  test("is counted in commits, bytes and time", () => {
    expect(lossAfter(5)).toEqual({ kind: "power", commits: 0, milliseconds: 0, bytes: 0 });
    expect(lossAfter(2)).toEqual({ kind: "power", commits: 3, milliseconds: 20, bytes: 300 });
  });

  test("beyond any bound of the promise breaks P9", () => {
    for (const [promise, expected] of [
      [{ kind: "nothing" }, "P9"],
      [{ kind: "suffix" }, undefined],
      [{ kind: "suffix", commits: 3, milliseconds: 20, bytes: 300 }, undefined],
      [{ kind: "suffix", commits: 2 }, "P9"],
      [{ kind: "suffix", milliseconds: 19 }, "P9"],
      [{ kind: "suffix", bytes: 299 }, "P9"],
      [{ kind: "may-corrupt" }, undefined],
    ] as const) {
      expect(judgeLoss(lossAfter(2), promising(promise))?.property).toBe(expected);
    }
  });

  test("nothing lost breaks no promise", () => {
    expect(judgeLoss(lossAfter(5), promising({ kind: "nothing" }))).toBeUndefined();
  });
});
