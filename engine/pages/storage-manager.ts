import { assert, defined, InvariantError, unreachable } from "../base/assert.ts";
import type { RangeRead } from "../base/sorted-map.ts";
import { lsn } from "../base/units.ts";
import type { Lsn, TransactionId } from "../base/units.ts";
import type { StoredKey } from "../data/key-codec.ts";
import type { StoredValue } from "../data/value-codec.ts";
import type { LogRecord } from "../log/record.ts";
import type { FileIO } from "../platform/file-io.ts";
import { BTree } from "./btree.ts";
import type { BTreeOptions, TreeChanged } from "./btree.ts";
import type { KeyPath, RangeFound, ValueFound } from "./btree-read.ts";
import type { Absent } from "./change-plan.ts";
import { ChangeRoomEstimate } from "./change-room.ts";
import type { ChangeRoom } from "./change-room.ts";
import { DoubleWrite } from "./double-write.ts";
import type { DoubleWriteReport } from "./double-write.ts";
import { PageCache } from "./page-cache.ts";
import type { PageLog } from "./dirty-pages.ts";
import { PageFile } from "./page-file.ts";
import type { PageId } from "./page-format.ts";
import { whenResident } from "./page-lease.ts";
import type { MissingPage } from "./page-lease.ts";
import { PageRedo } from "./redo.ts";
import { SettledPages } from "./settled-pages.ts";
import type { StructureChange } from "./structure-change.ts";
import { sourceOfCache, verifyPages } from "./verify.ts";
import type { Problem } from "./verify.ts";

/** The log, as far as storage cares. */
export interface ChangeLog extends PageLog {
  append(record: LogRecord): Lsn;
}

export interface StorageOptions {
  readonly files: FileIO;
  readonly directory: string;
  readonly storeId: number;
  readonly pageBytes: number;
  readonly cacheBytes: number;
  /**
   * Pages on the disk have every change before this: where the last checkpoint says that redo begins.
   * @defaultValue nothing is known of them
   */
  readonly settledLsn?: Lsn;
}

/** What compaction needs of the log before each of its records. */
export interface CompactionLog {
  waitForRoom(bytes: number): Promise<void>;
  beginGroup(bytes: number): void;
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

interface PageFiles {
  readonly pageFile: PageFile;
  readonly doubleWrite: DoubleWrite;
  readonly settled: SettledPages;
}

export interface StorageStats {
  readonly pages: number;
  readonly freePages: number;
  readonly cachedPages: number;
  readonly dirtyPages: number;
  readonly pageLoads: number;
  readonly pagesWritten: number;
  /** Of these, so that somebody who waited for room could load a page. */
  readonly pagesWrittenForRoom: number;
  readonly evictions: number;
  readonly splits: number;
  readonly merges: number;
  /** Values that were written to overflow pages. */
  readonly overflowValues: number;
  /** Free pages that were given new contents. */
  readonly reusedPages: number;
}

/**
 * The newest state of every key, committed or being committed: data pages behind a cache. Knows nothing of
 * snapshots or of who commits. Reads and changes are synchronous, and say which page they miss: whoever
 * needs it awaits `whenResident`.
 */
export class StorageManager {
  /** What the double-write area had to restore. */
  readonly restored: DoubleWriteReport;
  readonly #pageFile: PageFile;
  readonly #doubleWrite: DoubleWrite;
  readonly #settled: SettledPages;
  readonly #cache: PageCache;
  #tree: BTree | undefined;
  #log: ChangeLog | undefined;
  /** The change that is being made, for the record of a structure change. */
  #change: StorageChange | undefined;
  #mergesAllowed = 0;
  /** Where the changes go that were prepared last. */
  readonly #ways = new Map<StoredKey, KeyPath>();

  private constructor(options: StorageOptions, files: PageFiles, restored: DoubleWriteReport) {
    this.restored = restored;
    this.#pageFile = files.pageFile;
    this.#doubleWrite = files.doubleWrite;
    this.#settled = files.settled;
    this.#cache = new PageCache({
      ...files,
      // While the log is read again all of it is durable: nobody appends.
      log: {
        isDurable: (record) => this.#log?.isDurable(record) ?? true,
        durable: async (record) => await this.#log?.durable(record),
      },
      bytesMax: options.cacheBytes,
    });
  }

  /**
   * Opens the page files, or makes them, and restores torn pages. Redo comes next, then `begin`.
   *
   * @throws SeawallError `IO`, `NO_SPACE`, `CORRUPTION`.
   */
  static async open(options: StorageOptions): Promise<StorageManager> {
    const { files, directory } = options;
    const opened: { close(): Promise<void> }[] = [];
    try {
      const settled = await SettledPages.open(options);
      opened.push(settled);
      const pageFile = await PageFile.open({ ...options, settled });
      opened.push(pageFile);
      const { doubleWrite, report } = await DoubleWrite.open({
        files,
        directory,
        pageFile,
        settledLsn: options.settledLsn ?? lsn(0),
      });
      return new StorageManager(options, { pageFile, doubleWrite, settled }, report);
    } catch (error) {
      await Promise.allSettled(opened.map((file) => file.close()));
      throw error;
    }
  }

  /** Repeats the log's records on the pages. All of the log that it is given is durable. */
  redo(): PageRedo {
    assert(this.#log === undefined, "redo comes before new changes");
    return new PageRedo(this.#cache);
  }

  /** From here on changes go to this log. A new store's first record makes its tree. */
  async begin(log: ChangeLog, isNew: boolean): Promise<void> {
    this.#log = log;
    const options: BTreeOptions = {
      cache: this.#cache,
      log: { append: (change) => this.#logStructure(change) },
      mayMerge: () => {
        this.#mergesAllowed -= 1;
        return this.#mergesAllowed >= 0;
      },
    };
    this.#tree = isNew ? BTree.create(options) : await BTree.open(options);
  }

  /** Why no page can be written any more: the store has to be opened again. */
  get failure(): unknown {
    return this.#doubleWrite.failure;
  }

  get stats(): StorageStats {
    const { loads, pagesWritten, pagesWrittenForRoom, evictions } = this.#cache.counts;
    return {
      pages: this.#openTree.pageCount,
      freePages: this.#openTree.freePageCount,
      cachedPages: this.#cache.residentPages,
      dirtyPages: this.#cache.dirtyCount,
      pageLoads: loads,
      pagesWritten,
      pagesWrittenForRoom,
      evictions,
      ...this.#openTree.counts,
    };
  }

  get(key: StoredKey): ValueFound | Absent | MissingPage {
    return this.#openTree.get(key);
  }

  /** At most `limit` entries of a range, in key order from its low end, or from its high end. */
  read(range: RangeRead): RangeFound {
    return this.#openTree.read(range);
  }

  /** There are more pages in memory than there should be: `whenResident` makes room. */
  get isOverLimit(): boolean {
    return this.#cache.isOverLimit;
  }

  /** Tries until no page is missing; what must happen at once belongs inside the attempt. */
  async whenResident<R extends { readonly kind: string }>(
    attempt: () => R | MissingPage,
  ): Promise<R> {
    return await whenResident(this.#cache, attempt);
  }

  /**
   * Checks that every page for these changes, in key order, is resident, and says what they take. "too wide"
   * for changes of so many leaves that they should not be in memory all at once.
   */
  prepare(writes: readonly KeyWrite[]): PreparedWrites | TooWide | MissingPage {
    const estimate = new ChangeRoomEstimate(this.#pageFile.pageBytes);
    this.#ways.clear();
    let missing: Set<PageId> | undefined;
    for (const { key, value } of writes) {
      const prepared = this.#openTree.prepare(key, value);
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

  hasRoom({ newPages }: ChangeRoom): boolean {
    return this.#pageFile.hasRoomFor(this.#openTree.pageCount + newPages);
  }

  /** @throws SeawallError `NO_SPACE`: nothing was changed; `IO`. */
  async makeRoom({ newPages }: ChangeRoom): Promise<void> {
    await this.#pageFile.extendTo(this.#openTree.pageCount + newPages);
  }

  /** The changes that `prepare` was asked about follow, before anybody awaits anything. */
  beginChanges({ merges }: ChangeRoom): void {
    this.#mergesAllowed = merges;
  }

  /**
   * Makes a change and logs it, in one record. Returns the before-image, which shares memory with its
   * page: whoever keeps it for long takes a copy.
   */
  apply(change: StorageChange): StoredValue | undefined {
    const { key, value } = change;
    this.#change = change;
    const way = this.#ways.get(key);
    const tree = this.#openTree;
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

  /**
   * Moves pages to the front of the file, as far as there are free ones. Nobody may change anything
   * meanwhile. The file itself gets shorter with `truncate`. @throws SeawallError `NO_SPACE`, `CORRUPTION`.
   */
  async compact(log: CompactionLog): Promise<void> {
    const compaction = await this.#openTree.planCompaction();
    for (let bytes = compaction.stepBytes; bytes > 0; bytes = compaction.stepBytes) {
      await compaction.step(async () => {
        await log.waitForRoom(bytes);
        log.beginGroup(bytes);
      });
      await this.#cache.trim();
    }
  }

  /** Gives the end of the file back, which no record that recovery may redo needs. */
  async truncate(): Promise<void> {
    await this.#cache.flush();
    await this.#pageFile.truncateTo(this.#openTree.pageCount);
  }

  /** Writes the pages that are dirty since before the LSN; they are durable when it resolves. */
  async flush(before?: Lsn): Promise<void> {
    await this.#cache.flush(before);
  }

  /**
   * Writes down which version of each page is durable, before a checkpoint moves the place where redo begins:
   * behind it nothing else tells that a page is an older one. Durable when it resolves.
   *
   * @throws SeawallError `NO_SPACE`: nothing is lost; `IO`.
   */
  async settle(): Promise<void> {
    await this.#settled.settle();
  }

  /** Whether so many pages are dirty that reads would soon have to wait for one to be written. */
  get shouldFlush(): boolean {
    return this.#cache.dirtyCount * 2 > this.#cache.pagesMax;
  }

  /** The pages on the disk have every change before this LSN; undefined when they have all. */
  get redoLsn(): Lsn | undefined {
    let least: Lsn | undefined;
    for (const { recoveryLsn } of this.#cache.dirtyPages()) {
      least = least === undefined || recoveryLsn < least ? recoveryLsn : least;
    }
    return least;
  }

  /** Checks every page as it is now, in memory or on the disk. Nobody may change anything meanwhile. */
  async verify(logEnd: Lsn): Promise<Problem[]> {
    return await verifyPages(sourceOfCache(this.#cache), logEnd);
  }

  /** Lets go of the files, once no page is being read or written: the next opening may write there. */
  async close(): Promise<void> {
    await this.#cache.settled();
    try {
      await this.#doubleWrite.close();
    } finally {
      try {
        await this.#pageFile.close();
      } finally {
        await this.#settled.close();
      }
    }
  }

  #isTooWide(leaves: number): boolean {
    return leaves > Math.max(CHANGES_AT_ONCE, this.#cache.pagesMax >>> 1);
  }

  get #openTree(): BTree {
    return defined(this.#tree, "the tree");
  }

  #logStructure({ pages, change }: StructureChange): Lsn {
    const log = defined(this.#log, "the log");
    if (change === undefined) {
      return log.append({ kind: "structure", pages, change });
    }
    const { transaction, undoneLsn } = defined(this.#change, "the change that is being made");
    return log.append({
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
    this.#openTree.stamp(page, defined(this.#log, "the log").append(record));
  }
}
