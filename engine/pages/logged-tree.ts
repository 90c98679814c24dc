import { defined, InvariantError, unreachable } from "../base/assert.ts";
import type { Lsn, TransactionId } from "../base/units.ts";
import type { StoredKey } from "../data/key-codec.ts";
import type { StoredValue } from "../data/value-codec.ts";
import type { LogRecord } from "../log/record.ts";
import { BTree } from "./btree.ts";
import type { BTreeOptions, TreeChanged } from "./btree.ts";
import type { KeyPath } from "./btree-read.ts";
import { ChangeRoomEstimate } from "./change-room.ts";
import type { ChangeRoom } from "./change-room.ts";
import type { PageLog } from "./dirty-pages.ts";
import type { PageCache } from "./page-cache.ts";
import type { PageId } from "./page-format.ts";
import type { MissingPage } from "./page-lease.ts";
import type { StructureChange } from "./structure-change.ts";

/** The log, as far as storage cares. */
export interface ChangeLog extends PageLog {
  append(record: LogRecord): Lsn;
}

/** What a key is to hold; `value` undefined removes it. */
export interface KeyWrite {
  readonly key: StoredKey;
  readonly value: StoredValue | undefined;
}

/** One change, by a transaction, or in compensation of what it did. */
export interface StorageChange extends KeyWrite {
  readonly transaction: TransactionId;
  /** The record whose change this one undoes. */
  readonly undoneLsn?: Lsn;
}

/** So many changes can always be made at once. */
export const CHANGES_AT_ONCE = 64;

export type PreparedWrites = ChangeRoom & { readonly kind: "room" };

export interface TooWide {
  readonly kind: "too wide";
}

const NO_PAGES: readonly PageId[] = [];
const TOO_WIDE: TooWide = { kind: "too wide" };

/** The tree of all keys, each change of which is one log record: a crash leaves all of it or nothing. */
export class LoggedTree {
  readonly #cache: PageCache;
  readonly #log: ChangeLog;
  /** The change that is being made, for the record of a structure change. */
  #change: StorageChange | undefined;
  #mergesAllowed = 0;
  /** Where the changes go that were prepared last. */
  readonly #ways = new Map<StoredKey, KeyPath>();
  #tree: BTree | undefined;

  private constructor(cache: PageCache, log: ChangeLog) {
    this.#cache = cache;
    this.#log = log;
  }

  /** The tree that the pages hold, after redo. @throws SeawallError `CORRUPTION`, `IO`. */
  static async open(cache: PageCache, log: ChangeLog): Promise<LoggedTree> {
    const logged = new LoggedTree(cache, log);
    logged.#tree = await BTree.open(logged.#options);
    return logged;
  }

  /** An empty tree: its making is the first record. */
  static create(cache: PageCache, log: ChangeLog): LoggedTree {
    const logged = new LoggedTree(cache, log);
    logged.#tree = BTree.create(logged.#options);
    return logged;
  }

  get tree(): BTree {
    return defined(this.#tree, "the tree");
  }

  /** See StorageManager.prepare. */
  prepare(writes: readonly KeyWrite[]): PreparedWrites | TooWide | MissingPage {
    const estimate = new ChangeRoomEstimate(this.#cache.pageFile.pageBytes);
    this.#ways.clear();
    let missing: Set<PageId> | undefined;
    for (const { key, value } of writes) {
      const prepared = this.tree.prepare(key, value);
      if (prepared.kind === "missing") {
        missing = (missing ?? new Set()).add(prepared.page);
      } else if (prepared.kind === "prepared") {
        estimate.add(prepared, key.length, value?.length ?? 0);
        this.#ways.set(key, prepared.way);
      }
      if (this.#isTooWide(estimate.leaves + (missing?.size ?? 0))) {
        return TOO_WIDE;
      }
    }
    const [page, ...others] = missing ?? NO_PAGES;
    return page === undefined
      ? { kind: "room", ...estimate.room }
      : { kind: "missing", cache: this.#cache, page, others };
  }

  /** See StorageManager.beginChanges. */
  beginChanges({ merges }: ChangeRoom): void {
    this.#mergesAllowed = merges;
  }

  /** See StorageManager.apply. */
  apply(change: StorageChange): StoredValue | undefined {
    const { key, value } = change;
    this.#change = change;
    const way = this.#ways.get(key);
    const { tree } = this;
    const changed = value === undefined ? tree.delete(key, way) : tree.put(key, value, way);
    this.#change = undefined;
    switch (changed.kind) {
      case "changed":
        if (changed.logged === undefined) {
          this.#logChange(change, changed);
        }
        return changed.old;
      case "absent":
        return undefined;
      case "missing":
        throw new InvariantError(
          `page ${changed.page} went away between its preparation and its change`,
        );
      default:
        return unreachable(changed);
    }
  }

  get #options(): BTreeOptions {
    return {
      cache: this.#cache,
      log: { append: (change) => this.#logStructure(change) },
      mayMerge: () => {
        this.#mergesAllowed -= 1;
        return this.#mergesAllowed >= 0;
      },
    };
  }

  #isTooWide(leaves: number): boolean {
    return leaves > Math.max(CHANGES_AT_ONCE, this.#cache.pagesMax >>> 1);
  }

  #logStructure({ pages, change }: StructureChange): Lsn {
    if (change === undefined) {
      return this.#log.append({ kind: "structure", pages, change });
    }
    const { transaction, undoneLsn } = defined(this.#change, "the change that is being made");
    return this.#log.append({
      kind: "structure",
      pages,
      change: { transaction, undoneLsn, key: change.key, old: change.old },
    });
  }

  #logChange(change: StorageChange, { page, old }: TreeChanged): void {
    const { transaction, key, value, undoneLsn } = change;
    const record: LogRecord =
      undoneLsn !== undefined
        ? { kind: "clr", transaction, page, key, restored: value, undoneLsn }
        : value === undefined
          ? { kind: "delete", transaction, page, key, old }
          : { kind: "put", transaction, page, key, old, value };
    this.tree.stamp(page, this.#log.append(record));
  }
}
