import { describe, expect, test } from "vitest";

import type { AcknowledgeAt } from "../../engine/log/sync-policy.ts";
import { damagedFloor, survivingFloor } from "./floor.ts";
import { Attempt, Life } from "./history.ts";

/** Commit 5 was recovered, 6 to 9 acknowledged, of which a barrier covered 7; a reader saw 10. */
function life(): Life {
  const life = new Life(5, new Int32Array(1));
  life.acked = 9;
  life.durable = 7;
  life.observed = 10;
  return life;
}

function floors(acknowledgeAt: AcknowledgeAt, change: (life: Life) => void = () => {}): number[] {
  const given = life();
  change(given);
  return (["process", "os", "power"] as const).map((kind) =>
    survivingFloor(given, kind, { acknowledgeAt, driveKeepsSyncs: true }),
  );
}

function failSync(life: Life): void {
  life.syncFailed = true;
}

describe("what has to survive a crash", () => {
  test("depends on where commits are acknowledged and on the kind of crash", () => {
    expect(floors("synced")).toEqual([10, 10, 10]);
    expect(floors("written")).toEqual([10, 7, 7]);
    expect(floors("appended")).toEqual([7, 7, 7]);
  });

  test("is less when a sync failed: the system may have dropped what was only written", () => {
    expect(floors("written", failSync)).toEqual([7, 7, 7]);
    expect(floors("synced", failSync)).toEqual([10, 10, 10]);
  });

  test("is nothing after a power cut when the drive lies about syncs", () => {
    const promises = { acknowledgeAt: "synced", driveKeepsSyncs: false } as const;
    expect(survivingFloor(life(), "power", promises)).toBe(0);
    expect(survivingFloor(life(), "os", promises)).toBe(10);
  });
});

describe("what damage may take", () => {
  test("is the last synced group at most", () => {
    expect(damaged(twoGroups)).toBe(7);
  });

  test("is nothing more than before when nothing was committed since", () => {
    expect(damaged(() => {})).toBe(3);
  });
});

function damaged(build: (life: Life) => void): number {
  const given = new Life(5, new Int32Array(1));
  build(given);
  return damagedFloor(given, given.durable, 3);
}

/** Commits 6 and 7 share a sync; 8 was called when that was over. */
function twoGroups(life: Life): void {
  acknowledge(life, 6, 5);
  acknowledge(life, 7, 5);
  acknowledge(life, 8, 7);
}

function acknowledge(life: Life, number: number, durableAtCall: number): void {
  const attempt = new Attempt(0, "serializable");
  attempt.writes.set(0, number);
  life.called(attempt, 0);
  attempt.durableAtCall = durableAtCall;
  life.acknowledged(attempt, { number, durable: true }, 0);
}
