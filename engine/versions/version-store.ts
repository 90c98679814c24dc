import { Deque } from "../base/deque.ts";
import { SortedMap } from "../base/sorted-map.ts";
import type { KeyRange, MapEntry } from "../base/sorted-map.ts";
import type { CommitNumber } from "../base/units.ts";
import type { StoredKey } from "../data/key-codec.ts";
import type { StoredValue } from "../data/value-codec.ts";

/** What a key held until a commit changed it. */
interface UndoVersion {
  readonly replacedBy: CommitNumber;
  readonly value: StoredValue | undefined;
}

/** What a key holds in some snapshot: `value` undefined means that it is not there. */
export interface VersionFound {
  /** The commit that replaced it. */
  readonly replacedBy: number;
  readonly value: StoredValue | undefined;
}

/** One key that a commit changed, with its before-image. */
export interface KeyChange {
  readonly key: StoredKey;
  readonly old: StoredValue | undefined;
}

/**
 * Undo versions: the before-images that turn the newest state into an older snapshot. A version is kept
 * only while some snapshot still needs it.
 */
export class VersionStore {
  /** Per key, oldest first. */
  readonly #chains = new SortedMap<UndoVersion[]>();
  readonly #commits = new Deque<{
    readonly commitNumber: CommitNumber;
    readonly keys: readonly StoredKey[];
  }>();

  /** Keys that have versions. */
  get size(): number {
    return this.#chains.size;
  }

  /** Commits that some snapshot cannot see. */
  get commits(): number {
    return this.#commits.length;
  }

  add(commitNumber: CommitNumber, changes: readonly KeyChange[]): void {
    for (const { key, old } of changes) {
      const version = { replacedBy: commitNumber, value: old };
      const chain = this.#chains.get(key);
      if (chain === undefined) {
        this.#chains.set(key, [version]);
      } else {
        chain.push(version);
      }
    }
    this.#commits.push({ commitNumber, keys: changes.map(({ key }) => key) });
  }

  /** What the key holds in the snapshot, when that is not its newest value. */
  asOf(key: StoredKey, snapshot: CommitNumber): VersionFound | undefined {
    const chain = this.#chains.size === 0 ? undefined : this.#chains.get(key);
    return chain?.find((version) => version.replacedBy > snapshot);
  }

  /** The keys of a range whose value in the snapshot is not the newest, in ascending order. */
  rangeAsOf(range: KeyRange, snapshot: CommitNumber): MapEntry<VersionFound>[] {
    if (this.#chains.size === 0) {
      return [];
    }
    return this.#chains.read(range).flatMap(([key, chain]): MapEntry<VersionFound>[] => {
      const found = chain.find((version) => version.replacedBy > snapshot);
      return found === undefined ? [] : [[key, found]];
    });
  }

  /** Whether any commit after the snapshot changed the key. */
  changedSince(key: StoredKey, snapshot: CommitNumber): boolean {
    const last = this.#chains.size === 0 ? undefined : this.#chains.get(key)?.at(-1);
    return last !== undefined && last.replacedBy > snapshot;
  }

  /** The first key of a range that a commit after the snapshot changed. */
  changedInRangeSince(range: KeyRange, snapshot: CommitNumber): StoredKey | undefined {
    return this.rangeAsOf(range, snapshot)[0]?.[0];
  }

  /** Lets go of what only snapshots before `oldest` needed. */
  release(oldest: CommitNumber): void {
    for (;;) {
      const commit = this.#commits.peek();
      if (commit === undefined || commit.commitNumber > oldest) {
        return;
      }
      this.#commits.shift();
      for (const key of commit.keys) {
        this.#releaseKey(key, oldest);
      }
    }
  }

  #releaseKey(key: StoredKey, oldest: CommitNumber): void {
    const chain = this.#chains.get(key);
    if (chain === undefined) {
      return;
    }
    while (chain[0] !== undefined && chain[0].replacedBy <= oldest) {
      chain.shift();
    }
    if (chain.length === 0) {
      this.#chains.delete(key);
    }
  }
}
