import { defined } from "../base/assert.ts";
import type { CommitNumber } from "../base/units.ts";

interface SnapshotUse {
  users: number;
  /** Monotonic time at which the first of them came. */
  readonly sinceMs: number;
}

/** The snapshots in use, so that their versions are kept. */
export class SnapshotRegistry {
  /** Snapshots are taken in ascending order, so insertion order is ascending. */
  readonly #uses = new Map<CommitNumber, SnapshotUse>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  take(snapshot: CommitNumber, nowMs: number): void {
    this.#count += 1;
    const use = this.#uses.get(snapshot);
    if (use === undefined) {
      this.#uses.set(snapshot, { users: 1, sinceMs: nowMs });
    } else {
      use.users += 1;
    }
  }

  release(snapshot: CommitNumber): void {
    const use = defined(this.#uses.get(snapshot), `snapshot ${snapshot}`);
    this.#count -= 1;
    use.users -= 1;
    if (use.users === 0) {
      this.#uses.delete(snapshot);
    }
  }

  /** The oldest snapshot in use; undefined when there is none. */
  oldest(): CommitNumber | undefined {
    const [oldest] = this.#uses.keys();
    return oldest;
  }

  /** How long the oldest snapshot has been in use; 0 when there is none. */
  oldestAgeMs(nowMs: number): number {
    const [oldest] = this.#uses.values();
    return oldest === undefined ? 0 : nowMs - oldest.sinceMs;
  }
}
