import { ABSENT } from "../scenario/values.ts";
import type { CommitLog } from "./commit-log.ts";
import type { Attempt, RangeRead } from "./history.ts";

interface Version {
  readonly number: number;
  readonly content: number;
}

/** Every key's content at every commit number of one life. */
export class Versions {
  private readonly log: CommitLog;
  private readonly byRank: (Version[] | undefined)[] = [];

  constructor(log: CommitLog) {
    this.log = log;
    for (let number = log.base + 1; number <= log.last; number += 1) {
      for (const [rank, content] of log.at(number)?.writes ?? []) {
        (this.byRank[rank] ??= []).push({ number, content });
      }
    }
  }

  contentAt(rank: number, number: number): number {
    const versions = this.byRank[rank];
    if (versions !== undefined) {
      for (let index = versions.length - 1; index >= 0; index -= 1) {
        const version = versions[index];
        if (version !== undefined && version.number <= number) {
          return version.content;
        }
      }
    }
    return this.log.baseState[rank] ?? ABSENT;
  }

  /** The commits that changed the key after one number and before another, oldest first. */
  changes(rank: number, after: number, before: number): readonly Version[] {
    return (this.byRank[rank] ?? []).filter(({ number }) => number > after && number < before);
  }

  /**
   * True when the scan is what the state at that number, under the reader's own writes, gives. Each of
   * the writes of `flying` attempts may be there as well or not.
   */
  explainsScan(read: RangeRead, number: number, flying: readonly Attempt[] = []): boolean {
    const { from, to } = read.range;
    const width = to - from;
    let seen = 0;
    for (let index = 0; index < width && seen < read.limit; index += 1) {
      const rank = read.reverse ? to - 1 - index : from + index;
      const isThere = read.ranks[seen] === rank;
      const found = isThere ? (read.contents[seen] ?? ABSENT) : ABSENT;
      const content = read.own?.get(rank) ?? this.contentAt(rank, number);
      if (found !== content && !isFlying(flying, read, rank, found)) {
        return false;
      }
      seen += isThere ? 1 : 0;
    }
    return seen === read.ranks.length;
  }
}

function isFlying(
  flying: readonly Attempt[],
  { own }: RangeRead,
  rank: number,
  found: number,
): boolean {
  return own?.has(rank) !== true && flying.some(({ writes }) => writes.get(rank) === found);
}
