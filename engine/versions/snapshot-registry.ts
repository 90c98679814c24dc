import { defined } from "../base/assert.ts";
import type { CommitNumber } from "../base/units.ts";

/** The snapshots in use, so that their versions are kept. */
export class SnapshotRegistry {
  /** Users per snapshot. Snapshots are taken in ascending order, so insertion order is ascending. */
  readonly #users = new Map<CommitNumber, number>();

  get count(): number {
    let count = 0;
    for (const users of this.#users.values()) {
      count += users;
    }
    return count;
  }

  take(snapshot: CommitNumber): void {
    this.#users.set(snapshot, (this.#users.get(snapshot) ?? 0) + 1);
  }

  release(snapshot: CommitNumber): void {
    const users = defined(this.#users.get(snapshot), `snapshot ${snapshot}`) - 1;
    if (users === 0) {
      this.#users.delete(snapshot);
    } else {
      this.#users.set(snapshot, users);
    }
  }

  /** The oldest snapshot in use; undefined when there is none. */
  oldest(): CommitNumber | undefined {
    const [oldest] = this.#users.keys();
    return oldest;
  }
}
