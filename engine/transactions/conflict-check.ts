import type { CommitNumber } from "../base/units.ts";
import type { StoredKey } from "../data/key-codec.ts";
import type { VersionStore } from "../versions/version-store.ts";
import type { ReadSet } from "./read-set.ts";
import type { WriteSet } from "./write-set.ts";

/**
 * What a transaction is kept from seeing. `read-committed`: each read sees the newest visible commit.
 * `snapshot`: all reads see one commit, and of two transactions that wrote the same key the first to
 * commit wins. `serializable`: all reads see one commit, and the transaction commits only if its reads
 * would give the same now, so that it could have run alone at its commit; blind writes do not conflict.
 */
export type IsolationLevel = "read-committed" | "snapshot" | "serializable";

export const ISOLATION_LEVELS: readonly IsolationLevel[] = [
  "read-committed",
  "snapshot",
  "serializable",
];

/** What a commit would have to have done to be checked. */
export interface CommitCandidate {
  readonly isolation: IsolationLevel;
  readonly snapshot: CommitNumber;
  readonly reads: ReadSet;
  readonly writes: WriteSet;
}

/** Whether it reads or writes anything for which a commit in between would matter. */
export function canConflict({ isolation, reads, writes }: CommitCandidate): boolean {
  switch (isolation) {
    case "read-committed":
      return false;
    case "snapshot":
      return writes.size > 0;
    case "serializable":
      return reads.keys.size > 0 || reads.ranges.length > 0;
  }
}

/** A key that somebody else changed in the meantime, so that this transaction must not commit. */
export function findConflict(
  candidate: CommitCandidate,
  versions: VersionStore,
): StoredKey | undefined {
  switch (candidate.isolation) {
    case "read-committed":
      return undefined;
    case "snapshot":
      return firstChanged(
        candidate.writes.entries().map(([key]) => key),
        candidate.snapshot,
        versions,
      );
    case "serializable":
      return (
        firstChanged(candidate.reads.keys, candidate.snapshot, versions) ??
        firstChangedInRanges(candidate, versions)
      );
  }
}

function firstChanged(
  keys: Iterable<StoredKey>,
  snapshot: CommitNumber,
  versions: VersionStore,
): StoredKey | undefined {
  for (const key of keys) {
    if (versions.changedSince(key, snapshot)) {
      return key;
    }
  }
  return undefined;
}

function firstChangedInRanges(
  { reads, snapshot }: CommitCandidate,
  versions: VersionStore,
): StoredKey | undefined {
  for (const range of reads.ranges) {
    const key = versions.changedInRangeSince(range, snapshot);
    if (key !== undefined) {
      return key;
    }
  }
  return undefined;
}
