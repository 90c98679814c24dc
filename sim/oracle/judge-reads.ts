import { ABSENT, FIRST_VALUE_ID } from "../scenario/values.ts";
import type { CommitLog } from "./commit-log.ts";
import type { Attempt, KeyRead, Life, RangeRead, Read } from "./history.ts";
import type { Wording } from "./recovery-case.ts";
import { violation, type Violation } from "./verdict.ts";
import { Versions } from "./versions.ts";

/**
 * Judges what the readers of one life saw and whether its commits were allowed at their isolation level.
 * Runs when the life has ended, because a reader may see a commit before the committer is told its
 * number.
 */
export function judgeReads(life: Life, log: CommitLog, wording: Wording): Violation | undefined {
  const judge = new ReadJudge(life, log, wording);
  return (
    firstOf(life.reads, (read) => judge.judgeRead(read)) ??
    firstOf(life.commits, (attempt) => judge.judgeCommit(attempt))
  );
}

function firstOf<T>(
  list: readonly T[],
  judge: (item: T) => Violation | undefined,
): Violation | undefined {
  for (const item of list) {
    const broken = judge(item);
    if (broken !== undefined) {
      return broken;
    }
  }
  return undefined;
}

class ReadJudge {
  private readonly life: Life;
  private readonly log: CommitLog;
  private readonly versions: Versions;
  private readonly wording: Wording;

  constructor(life: Life, log: CommitLog, wording: Wording) {
    this.life = life;
    this.log = log;
    this.versions = new Versions(log);
    this.wording = wording;
  }

  judgeRead(read: Read): Violation | undefined {
    const explained = read.kind === "get" ? this.explainsGet(read) : this.explainsScan(read);
    return explained ? undefined : this.wrongRead(read);
  }

  private explainsGet(read: KeyRead): boolean {
    const { vantage, rank, content } = read;
    if (this.versions.contentAt(rank, vantage.low) === content) {
      return true;
    }
    if (vantage.kind === "latest") {
      const later = this.versions.changes(rank, vantage.low, Number.POSITIVE_INFINITY);
      const seen = later.find(
        (version) => version.content === content && this.calledBefore(version.number, read.endStep),
      );
      if (seen !== undefined) {
        this.life.observed = Math.max(this.life.observed, seen.number);
        return true;
      }
    }
    const flying = this.flyingFor(read).filter(({ writes }) => writes.get(rank) === content);
    this.glimpse(flying, content);
    return flying.length > 0;
  }

  private explainsScan(read: RangeRead): boolean {
    const { low } = read.vantage;
    if (this.versions.explainsScan(read, low)) {
      return true;
    }
    const last = this.lastVisibleTo(read);
    for (let number = low + 1; number <= last; number += 1) {
      if (this.versions.explainsScan(read, number)) {
        this.life.observed = Math.max(this.life.observed, number);
        return true;
      }
    }
    return this.explainsScanByFlying(read, last);
  }

  private explainsScanByFlying(read: RangeRead, last: number): boolean {
    const flying = this.flyingFor(read);
    for (let number = read.vantage.low; flying.length > 0 && number <= last; number += 1) {
      if (this.versions.explainsScan(read, number, flying)) {
        for (const [index, rank] of read.ranks.entries()) {
          const content = read.contents[index] ?? ABSENT;
          const writers = flying.filter(({ writes }) => writes.get(rank) === content);
          this.glimpse(read.own?.has(rank) === true ? [] : writers, content);
        }
        return true;
      }
    }
    return false;
  }

  /** The last commit that a scan may have seen: of the latest state, any that was called before its end. */
  private lastVisibleTo({ vantage, endStep }: RangeRead): number {
    let last = vantage.low;
    if (vantage.kind === "latest") {
      while (last < this.log.last && this.calledBefore(last + 1, endStep)) {
        last += 1;
      }
    }
    return last;
  }

  /** Commits whose number nobody was told, and which the read may have seen nevertheless. */
  private flyingFor({ vantage, endStep }: Read): readonly Attempt[] {
    const { unnumbered } = this.log;
    if (unnumbered.length === 0) {
      return unnumbered;
    }
    const isOutside = vantage.kind === "snapshot" && this.log.emptySlots(vantage.low) === 0;
    return isOutside ? [] : unnumbered.filter(({ calledAtStep }) => calledAtStep <= endStep);
  }

  /** Such a commit must not vanish. Only a content that nothing else has tells which one it was. */
  private glimpse(writers: readonly Attempt[], content: number): void {
    const [writer] = writers;
    if (writer !== undefined && content >= FIRST_VALUE_ID) {
      this.life.glimpsed.add(writer);
    }
  }

  private calledBefore(number: number, step: number): boolean {
    const attempt = this.log.at(number);
    return attempt === undefined || attempt.calledAtStep <= step;
  }

  private wrongRead(read: Read): Violation {
    const { client, vantage } = read;
    const where =
      vantage.kind === "snapshot"
        ? `the snapshot after commit ${vantage.low}`
        : `the latest state, at least commit ${vantage.low}`;
    if (read.kind === "get") {
      const expected = this.versions.contentAt(read.rank, vantage.low);
      return violation("isolation", `a read of ${this.wording.key(read.rank)} saw a wrong value`, [
        `client ${client} reads at ${where}`,
        `expected ${this.wording.content(expected)}`,
        `found ${this.wording.content(read.content)}`,
      ]);
    }
    const found = read.ranks.map(
      (rank, index) =>
        `${this.wording.key(rank)} = ${this.wording.content(read.contents[index] ?? 0)}`,
    );
    return violation("isolation", "a scan saw wrong entries", [
      `client ${client} scans at ${where}, ranks ${read.range.from} to ${read.range.to}`,
      `found ${found.join(", ")}`,
    ]);
  }

  judgeCommit(attempt: Attempt): Violation | undefined {
    const { number, snapshot, level } = attempt;
    if (!attempt.mayHaveLanded || number === 0 || snapshot === undefined) {
      return undefined;
    }
    if (level === "snapshot") {
      return this.judgeFirstCommitter(attempt, snapshot);
    }
    return level === "serializable" ? this.judgeValidReads(attempt) : undefined;
  }

  /** Snapshot isolation: of two overlapping transactions that write the same key, one must fail. */
  private judgeFirstCommitter(attempt: Attempt, snapshot: number): Violation | undefined {
    for (const rank of attempt.writes.keys()) {
      const [other] = this.versions.changes(rank, snapshot, attempt.number);
      if (other !== undefined) {
        return violation("isolation", `an update of ${this.wording.key(rank)} was lost`, [
          `commit ${attempt.number} overwrote what commit ${other.number} wrote after its snapshot ${snapshot}`,
        ]);
      }
    }
    return undefined;
  }

  /** Serializable: what was read must still hold just before the commit. */
  private judgeValidReads(attempt: Attempt): Violation | undefined {
    const before = attempt.number - 1;
    const stale = attempt.reads.find((read) =>
      read.kind === "get"
        ? this.versions.contentAt(read.rank, before) !== read.content
        : !this.versions.explainsScan(read, before),
    );
    if (stale === undefined || this.log.emptySlots(before) > 0) {
      return undefined;
    }
    const what = stale.kind === "get" ? this.wording.key(stale.rank) : "a range";
    return violation("isolation", "a serializable commit rests on a read that no longer holds", [
      `commit ${attempt.number} of client ${attempt.client} read ${what} at ${stale.vantage.low}`,
    ]);
  }
}
