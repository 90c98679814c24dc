import { describe, expect, test } from "vitest";

import type { IsolationName } from "../scenario/store-spec.ts";
import { CommitLog, orderCommits } from "./commit-log.ts";
import { Attempt, Life, type KeyRead, type RangeRead, type Vantage } from "./history.ts";
import { judgeReads } from "./judge-reads.ts";

/** Key 0: 10, then 20, then gone. Key 1: 11 from commit 1 on. */
function history(): Life {
  const life = new Life(0, new Int32Array(3));
  commit(life, 1, { 0: 10, 1: 11 });
  commit(life, 2, { 0: 20 });
  commit(life, 3, { 0: 0 });
  return life;
}

function commit(
  life: Life,
  number: number,
  writes: Record<number, number>,
  level: IsolationName = "serializable",
): Attempt {
  const attempt = new Attempt(0, level);
  for (const [rank, content] of Object.entries(writes)) {
    attempt.writes.set(Number(rank), content);
  }
  life.called(attempt, number * 10);
  life.acknowledged(attempt, { number, durable: true }, 0);
  return attempt;
}

function read(vantage: Vantage, rank: number, content: number, endStep = 1000): KeyRead {
  return { kind: "get", client: 0, vantage, endStep, rank, content };
}

function scan(vantage: Vantage, found: Record<number, number>): RangeRead {
  return {
    kind: "scan",
    client: 0,
    vantage,
    endStep: 1000,
    range: { from: 0, to: 3 },
    reverse: false,
    limit: Number.POSITIVE_INFINITY,
    own: undefined,
    ranks: Object.keys(found).map(Number),
    contents: Object.values(found),
  };
}

function verdict(life: Life): string {
  const log = orderCommits(life);
  if (!(log instanceof CommitLog)) {
    return log.message;
  }
  const wording = { key: (rank: number) => `key ${rank}`, content: String };
  return judgeReads(life, log, wording)?.message ?? "held";
}

const at = (low: number): Vantage => ({ kind: "snapshot", low });
const latest = (low: number): Vantage => ({ kind: "latest", low });

describe("reads at a snapshot", () => {
  test("see the version of their snapshot, neither an older nor a newer one", () => {
    for (const [snapshot, content, expected] of [
      [0, 0, "held"],
      [1, 10, "held"],
      [2, 20, "held"],
      [3, 0, "held"],
      [1, 20, "a read of key 0 saw a wrong value"],
      [2, 10, "a read of key 0 saw a wrong value"],
      [3, 20, "a read of key 0 saw a wrong value"],
      [1, -1, "a read of key 0 saw a wrong value"],
    ] as const) {
      const life = history();
      life.reads.push(read(at(snapshot), 0, content));
      expect([snapshot, content, verdict(life)]).toEqual([snapshot, content, expected]);
    }
  });

  test("never see what another transaction has not committed", () => {
    const life = history();
    const open = new Attempt(1, "serializable");
    open.writes.set(2, 50);
    life.reads.push(read(at(3), 2, 50));
    expect(verdict(life)).toBe("a read of key 2 saw a wrong value");
  });

  test("may see a commit in flight whose number nobody was told", () => {
    const life = history();
    const flying = new Attempt(1, "read-committed");
    flying.writes.set(2, 50);
    life.called(flying, 35);
    life.reads.push(read(at(4), 2, 50));
    expect(verdict(life)).toBe("held");
  });
});

/** The history with a one-shot write of key 2 in flight, called at that step. */
function withFlying(step: number, ...reads: (KeyRead | RangeRead)[]): Life {
  const life = history();
  const flying = new Attempt(1, "read-committed");
  flying.writes.set(2, 50);
  life.called(flying, step);
  life.reads.push(...reads);
  return life;
}

describe("reads while a commit is in flight whose number nobody was told", () => {
  test("may see it or not, and what they saw may not vanish", () => {
    const seen = withFlying(35, read(at(4), 2, 50), scan(latest(3), { 1: 11, 2: 50 }));
    expect([verdict(seen), seen.glimpsed.size]).toEqual(["held", 1]);
    const missed = withFlying(35, read(latest(3), 2, 0), scan(latest(3), { 1: 11 }));
    expect([verdict(missed), missed.glimpsed.size]).toEqual(["held", 0]);
  });

  test("do not see it before it was called, nor in a snapshot without room for it", () => {
    expect(verdict(withFlying(2000, read(latest(3), 2, 50)))).toContain("saw a wrong value");
    expect(verdict(withFlying(2000, scan(latest(3), { 1: 11, 2: 50 })))).toContain(
      "scan saw wrong",
    );
    expect(verdict(withFlying(35, read(at(3), 2, 50)))).toContain("saw a wrong value");
    expect(verdict(withFlying(35, scan(at(3), { 1: 11, 2: 50 })))).toContain("scan saw wrong");
  });

  test("see nothing else that is wrong", () => {
    for (const found of [{ 2: 50 }, { 1: 10, 2: 50 }, { 0: 50, 1: 11 }, { 1: 11, 2: 51 }]) {
      const life = withFlying(35, scan(latest(3), found));
      expect([found, verdict(life)]).toEqual([found, "a scan saw wrong entries"]);
    }
  });
});

describe("reads of the latest state", () => {
  test("see what was acknowledged before the call, or something newer", () => {
    for (const content of [10, 20, 0]) {
      const life = history();
      life.reads.push(read(latest(1), 0, content));
      expect(verdict(life)).toBe("held");
    }
  });

  test("do not see the past", () => {
    const life = history();
    life.reads.push(read(latest(2), 0, 10));
    expect(verdict(life)).toBe("a read of key 0 saw a wrong value");
  });

  test("do not see the future", () => {
    const life = history();
    life.reads.push(read(latest(1), 0, 20, 15));
    expect(verdict(life)).toBe("a read of key 0 saw a wrong value");
  });

  test("make what they saw observed, so that it may not vanish", () => {
    const life = history();
    life.reads.push(read(latest(1), 0, 20));
    verdict(life);
    expect(life.observed).toBe(2);
  });
});

describe("scans", () => {
  test("see one state as a whole", () => {
    for (const [vantage, found, expected] of [
      [at(1), { 0: 10, 1: 11 }, "held"],
      [at(3), { 1: 11 }, "held"],
      [at(1), { 0: 10 }, "a scan saw wrong entries"],
      [at(2), { 0: 10, 1: 11 }, "a scan saw wrong entries"],
      [latest(1), { 0: 20, 1: 11 }, "held"],
      [latest(0), { 0: 20 }, "a scan saw wrong entries"],
    ] as const) {
      const life = history();
      life.reads.push(scan(vantage, found));
      expect([vantage, found, verdict(life)]).toEqual([vantage, found, expected]);
    }
  });

  test("keep bounds, direction and limit, under the reader's own writes", () => {
    const life = history();
    const all = scan(at(2), {});
    const own = new Map([[2, 60]]);
    life.reads.push(
      { ...all, range: { from: 1, to: 3 }, ranks: [1], contents: [11] },
      { ...all, reverse: true, limit: 1, ranks: [1], contents: [11] },
      { ...all, own, reverse: true, limit: 2, ranks: [2, 1], contents: [60, 11] },
      { ...all, own: new Map([[1, 0]]), ranks: [0], contents: [20] },
    );
    expect(verdict(life)).toBe("held");
  });
});

describe("commits at their level", () => {
  test("at snapshot, the second of two overlapping writers of a key must fail", () => {
    const life = history();
    const late = commit(life, 4, { 1: 40 }, "snapshot");
    late.snapshot = 1;
    expect(verdict(life)).toBe("held");
    late.writes.set(0, 41);
    expect(verdict(life)).toBe("an update of key 0 was lost");
  });

  test("at serializable, what was read must still hold", () => {
    const life = history();
    const late = commit(life, 4, { 2: 40 });
    late.snapshot = 1;
    late.reads.push(read(at(1), 1, 11));
    expect(verdict(life)).toBe("held");
    late.reads.push(read(at(1), 0, 10));
    expect(verdict(life)).toBe("a serializable commit rests on a read that no longer holds");
  });

  test("at serializable, a range that was read must still hold", () => {
    const life = history();
    const late = commit(life, 4, { 2: 40 });
    late.snapshot = 2;
    late.reads.push(scan(at(2), { 0: 20, 1: 11 }));
    expect(verdict(life)).toBe("a serializable commit rests on a read that no longer holds");
  });

  test("blind writes and read-committed transactions overwrite what they like", () => {
    const life = history();
    commit(life, 4, { 0: 40 }).snapshot = 1;
    const careless = commit(life, 5, { 0: 50 }, "read-committed");
    careless.snapshot = 1;
    careless.reads.push(read(latest(1), 0, 10));
    expect(verdict(life)).toBe("held");
  });
});
