import { describe, expect, test } from "vitest";

import { FOREIGN } from "../scenario/values.ts";
import { CommitLog, orderCommits } from "./commit-log.ts";
import { Attempt, type AttemptState, Authors, Life } from "./history.ts";
import { judgeRecovery } from "./judge-recovery.ts";
import type { Violation } from "./verdict.ts";

/** A history of one life over four keys, made by hand. Contents are numbers from 3 on. */
class HandMade {
  readonly authors = new Authors();
  readonly life: Life;

  constructor(base = 0, state: readonly number[] = [0, 0, 0, 0]) {
    this.life = new Life(base, Int32Array.from(state));
  }

  commit(writes: Record<number, number>, number: number, state: AttemptState): Attempt {
    const attempt = new Attempt(0, "serializable");
    for (const [rank, content] of Object.entries(writes)) {
      attempt.writes.set(Number(rank), content);
      this.authors.wrote(attempt, content);
    }
    this.life.called(attempt, 0);
    attempt.state = state;
    attempt.number = number;
    return attempt;
  }

  acknowledged(writes: Record<number, number>, number: number): Attempt {
    const attempt = this.commit(writes, number, "committing");
    this.life.acknowledged(attempt, { number, durable: true }, 0);
    return attempt;
  }

  judge(last: number, state: readonly number[], floor = 0): Violation | undefined {
    const log = orderCommits(this.life);
    if (!(log instanceof CommitLog)) {
      return log;
    }
    return judgeRecovery({
      log,
      recovered: { last, state: Int32Array.from(state) },
      floor,
      glimpsed: this.life.glimpsed,
      context: "after power",
      damaged: this.damaged,
      authors: this.authors,
      wording: { key: (rank) => `key ${rank}`, content: (content) => `value ${content}` },
    });
  }

  damaged = false;
}

function threeCommits(): HandMade {
  const history = new HandMade();
  history.acknowledged({ 0: 10, 1: 11 }, 1);
  history.acknowledged({ 1: 20, 2: 21 }, 2);
  history.acknowledged({ 0: 30, 3: 31 }, 3);
  return history;
}

describe("what recovery may come up with", () => {
  test("every prefix that holds the floor is right", () => {
    expect(threeCommits().judge(3, [30, 20, 21, 31])).toBeUndefined();
    expect(threeCommits().judge(2, [10, 20, 21, 0], 2)).toBeUndefined();
    expect(threeCommits().judge(0, [0, 0, 0, 0])).toBeUndefined();
  });

  test("less than the floor breaks P1 and names what was lost", () => {
    const broken = threeCommits().judge(2, [10, 20, 21, 0], 3);
    expect(broken?.property).toBe("P1");
    expect(broken?.details).toContain("lost: commit 3 of client 0 (acknowledged)");
  });

  test("a state of another prefix than reported breaks P1 below the floor, and P3 above it", () => {
    expect(threeCommits().judge(3, [10, 20, 21, 0], 3)?.property).toBe("P1");
    expect(threeCommits().judge(3, [10, 20, 21, 0])?.property).toBe("P3");
  });

  test("part of a transaction breaks P2", () => {
    const broken = threeCommits().judge(3, [30, 20, 21, 0]);
    expect(broken?.property).toBe("P2");
    expect(broken?.message).toContain("commit 3 is torn");
  });

  test("part of a transaction behind the reported end breaks P2", () => {
    expect(threeCommits().judge(2, [30, 20, 21, 0])?.property).toBe("P2");
  });

  test("a later commit without an earlier one is a hole and breaks P3", () => {
    const broken = threeCommits().judge(3, [30, 11, 0, 31]);
    expect(broken?.property).toBe("P3");
    expect(broken?.message).toContain("commit 2 is missing");
  });

  test("a value that was rolled back or refused breaks P4", () => {
    for (const state of ["rolled-back", "refused", "open"] as const) {
      const history = threeCommits();
      history.commit({ 2: 40 }, 0, state);
      expect(history.judge(3, [30, 20, 40, 31])?.property).toBe("P4");
    }
  });

  test("more commits than were ever asked for break P4", () => {
    expect(threeCommits().judge(4, [30, 20, 21, 31])?.property).toBe("P4");
  });

  test("a value that nobody wrote breaks P6", () => {
    expect(threeCommits().judge(3, [30, 20, FOREIGN, 31])?.property).toBe("P6");
    expect(threeCommits().judge(3, [30, 20, 99, 31])?.property).toBe("P6");
  });

  test("a wrong state after damage is damage that was not detected, P6", () => {
    const history = threeCommits();
    history.damaged = true;
    expect(history.judge(3, [30, 20, 21, 0])?.property).toBe("P6");
    expect(history.judge(2, [10, 20, 21, 0])).toBeUndefined();
  });

  test("a value that an earlier recovery came up without breaks P7", () => {
    const history = new HandMade(1, [10, 0, 0, 0]);
    const lost = history.commit({ 1: 50 }, 0, "rolled-back");
    lost.state = "acknowledged";
    lost.lost = true;
    expect(history.judge(1, [10, 50, 0, 0])?.property).toBe("P7");
  });

  test("a value that an earlier recovery had settled must stay, P7", () => {
    const history = new HandMade(1, [10, 11, 0, 0]);
    expect(history.judge(1, [10, 0, 0, 0])?.property).toBe("P7");
  });
});

describe("commits in the air", () => {
  test("one whose number is known lands or does not", () => {
    const history = threeCommits();
    history.commit({ 2: 40 }, 4, "committing");
    expect(history.judge(3, [30, 20, 21, 31], 3)).toBeUndefined();
    expect(history.judge(4, [30, 20, 40, 31], 3)).toBeUndefined();
    expect(history.judge(4, [30, 20, 21, 31], 3)?.property).toBe("P3");
  });

  test("one whose outcome is unknown lands or does not", () => {
    const history = threeCommits();
    history.commit({ 2: 40 }, 4, "unknown");
    expect(history.judge(4, [30, 20, 40, 31], 3)).toBeUndefined();
  });

  test("those without a number are found by what they left, in any order", () => {
    const history = new HandMade();
    const first = history.commit({ 0: 10 }, 0, "committing");
    const second = history.commit({ 0: 20, 1: 21 }, 0, "committing");
    const third = history.commit({ 0: 30 }, 0, "committing");
    expect(history.judge(2, [30, 21, 0, 0])).toBeUndefined();
    expect([first.number, second.number, third.number]).toEqual([0, 1, 2]);
  });

  test("no order explains a state with half of one of them, P2 or P3", () => {
    const history = new HandMade();
    history.commit({ 0: 10 }, 0, "committing");
    history.commit({ 1: 20, 2: 21 }, 0, "committing");
    expect(history.judge(1, [0, 20, 0, 0])?.property).toMatch(/P[23]/);
  });

  test("one that a reader saw has to land, P1", () => {
    const history = new HandMade();
    const seen = history.commit({ 0: 10 }, 0, "committing");
    history.commit({ 0: 20 }, 0, "committing");
    history.life.glimpsed.add(seen);
    expect(history.judge(0, [0, 0, 0, 0])?.message).toBe(
      "a commit that a reader saw did not survive",
    );
    expect(history.judge(1, [20, 0, 0, 0])?.property).toBe("P1");
    expect(new HandMade().judge(0, [0, 0, 0, 0])).toBeUndefined();
  });

  test("one that a reader saw may be the one that a later one covers", () => {
    const history = new HandMade();
    const others = [10, 11].map((content) => history.commit({ 0: content }, 0, "committing"));
    history.acknowledged({ 0: 20 }, 2);
    for (const seen of others) {
      history.life.glimpsed.clear();
      history.life.glimpsed.add(seen);
      expect(history.judge(2, [20, 0, 0, 0])).toBeUndefined();
      seen.number = 0;
    }
  });

  test("one that was called after an acknowledgement comes behind it, P3", () => {
    const history = new HandMade();
    history.acknowledged({ 0: 20 }, 2);
    history.commit({ 1: 30 }, 0, "committing");
    expect(history.judge(2, [20, 30, 0, 0])?.property).toBe("P3");
  });

  test("a transaction that never got a number cannot land", () => {
    const history = new HandMade();
    const attempt = history.commit({ 0: 10 }, 0, "committing");
    attempt.source = { commitNumber: undefined };
    expect(history.judge(1, [10, 0, 0, 0])?.property).toBe("P4");
  });
});

describe("commit numbers", () => {
  test("two commits with one number break P3", () => {
    const history = threeCommits();
    history.acknowledged({ 2: 40 }, 3);
    expect(history.judge(3, [30, 20, 40, 31])?.message).toBe("two commits have the number 3");
  });

  test("a number that no commit can have had breaks P3", () => {
    const history = threeCommits();
    history.acknowledged({ 2: 40 }, 5);
    expect(history.judge(5, [30, 20, 40, 31])?.message).toBe("commit numbers have a hole");
  });

  test("a commit called after another was acknowledged comes behind it, P3", () => {
    const history = new HandMade();
    history.acknowledged({ 0: 10 }, 2);
    history.acknowledged({ 1: 20 }, 1);
    expect(history.judge(2, [10, 20, 0, 0])?.message).toContain("contradicts real time");
  });

  test("a number of an earlier life is not given again, P3", () => {
    const history = new HandMade(5);
    history.acknowledged({ 0: 10 }, 5);
    expect(history.judge(5, [10, 0, 0, 0])?.property).toBe("P3");
  });
});
