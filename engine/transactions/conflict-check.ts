import { SeawallError } from "../base/errors.ts";
import type { KeyRange } from "../base/sorted-map.ts";
import type { CommitNumber } from "../base/units.ts";
import type { StoredKey } from "../data/key-codec.ts";
import type { MissingPage } from "../pages/page-lease.ts";
import type { SpilledVersions } from "../versions/spilled-versions.ts";
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

/** Refuses transactions, and counts how often. */
export class ConflictCheck {
  count = 0;
  readonly #versions: VersionStore;
  readonly #spilled: () => readonly SpilledVersions[];

  constructor(versions: VersionStore, spilled: () => readonly SpilledVersions[]) {
    this.#versions = versions;
    this.#spilled = spilled;
  }

  /** Returns the page that the check misses, if any. @throws SeawallError `CONFLICT`. */
  refuse(candidate: CommitCandidate): MissingPage | undefined {
    return this.#refuse(findConflict(candidate, this.#changes));
  }

  /** At `snapshot`, of two transactions that wrote the same key the first to commit wins. */
  refuseLostUpdate(
    { isolation, snapshot }: CommitCandidate,
    key: StoredKey,
  ): MissingPage | undefined {
    return isolation === "snapshot"
      ? this.#refuse(changeOf(key, snapshot, this.#changes))
      : undefined;
  }

  get #changes(): CommittedChanges {
    return { versions: this.#versions, spilled: this.#spilled() };
  }

  #refuse(found: ConflictFound | MissingPage | undefined): MissingPage | undefined {
    if (found?.kind !== "conflict") {
      return found;
    }
    this.count += 1;
    throw new SeawallError(
      "CONFLICT",
      `another transaction changed ${JSON.stringify(found.key)} after this one began: run it again`,
    );
  }
}

/** What others have committed, and when. */
export interface CommittedChanges {
  readonly versions: VersionStore;
  /** Of transactions that were too large for memory. */
  readonly spilled: readonly SpilledVersions[];
}

export interface ConflictFound {
  readonly kind: "conflict";
  readonly key: StoredKey;
}

/** A key that somebody else changed in the meantime, so that this transaction must not commit. */
export function findConflict(
  { isolation, snapshot, reads, writes }: CommitCandidate,
  changes: CommittedChanges,
): ConflictFound | MissingPage | undefined {
  switch (isolation) {
    case "read-committed":
      return undefined;
    case "snapshot":
      return first(writes.keys(), (key) => changeOf(key, snapshot, changes));
    case "serializable":
      return (
        first(reads.keys, (key) => changeOf(key, snapshot, changes)) ??
        first(reads.ranges, (range) => changeIn(range, snapshot, changes))
      );
  }
}

/** Whether a commit after the snapshot changed the key. */
function changeOf(
  key: StoredKey,
  snapshot: CommitNumber,
  { versions, spilled }: CommittedChanges,
): ConflictFound | MissingPage | undefined {
  if (versions.changedSince(key, snapshot)) {
    return { kind: "conflict", key };
  }
  return first(spilled, (spill) => {
    const found = isSince(spill, snapshot) ? spill.get(key) : undefined;
    return found === undefined || "kind" in found ? found : { kind: "conflict", key };
  });
}

function changeIn(
  range: KeyRange,
  snapshot: CommitNumber,
  { versions, spilled }: CommittedChanges,
): ConflictFound | MissingPage | undefined {
  const changed = versions.changedInRangeSince(range, snapshot);
  if (changed !== undefined) {
    return { kind: "conflict", key: changed };
  }
  return first(spilled, (spill) => {
    if (!isSince(spill, snapshot)) {
      return undefined;
    }
    const { entries, missing } = spill.read({ ...range, reverse: false, limit: 1 });
    const key = entries[0]?.[0];
    return key === undefined ? missing : { kind: "conflict", key };
  });
}

function isSince({ replacedBy }: SpilledVersions, snapshot: CommitNumber): boolean {
  return replacedBy > snapshot && replacedBy !== Infinity;
}

function first<T, R>(items: Iterable<T>, find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}
