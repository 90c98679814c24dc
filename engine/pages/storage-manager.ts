import { assert, defined } from "../base/assert.ts";
import type { RangeRead } from "../base/sorted-map.ts";
import { lsn } from "../base/units.ts";
import type { Lsn } from "../base/units.ts";
import type { StoredKey } from "../data/key-codec.ts";
import type { StoredValue } from "../data/value-codec.ts";
import type { FileIO } from "../platform/file-io.ts";
import type { BTree } from "./btree.ts";
import type { RangeFound, ValueFound } from "./btree-read.ts";
import type { Absent } from "./change-plan.ts";
import type { ChangeRoom } from "./change-room.ts";
import { DoubleWrite } from "./double-write.ts";
import type { AreasScrubbed, DoubleWriteReport } from "./double-write.ts";
import type { PageImage } from "./double-write-format.ts";
import { LoggedTree } from "./logged-tree.ts";
import type { ChangeLog, KeyWrite, PreparedWrites, StorageChange, TooWide } from "./logged-tree.ts";
import { PageCache } from "./page-cache.ts";
import { PageFile } from "./page-file.ts";
import type { PageId } from "./page-format.ts";
import { whenResident } from "./page-lease.ts";
import type { MissingPage } from "./page-lease.ts";
import { RedoRehearsal } from "./redo-rehearsal.ts";
import { PageRedo } from "./redo.ts";
import { scrubPage } from "./scrub-pages.ts";
import type { ScrubbedPage } from "./scrub-pages.ts";
import { SettledPages } from "./settled-pages.ts";
import { sourceOfCache, verifyPages } from "./verify.ts";
import type { Problem } from "./verify.ts";

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

/** Shows the rehearsal every record that redo is going to repeat, or has repeated. */
export type Rehearse = (rehearsal: RedoRehearsal) => Promise<void>;

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
  /** Undefined during recovery. */
  #log: ChangeLog | undefined;
  /** While redo is under way: has to resolve before a page is written. */
  #rehearse: Rehearse | undefined;
  #changes: LoggedTree | undefined;

  private constructor(options: StorageOptions, files: PageFiles, restored: DoubleWriteReport) {
    this.restored = restored;
    this.#pageFile = files.pageFile;
    this.#doubleWrite = files.doubleWrite;
    this.#settled = files.settled;
    this.#cache = new PageCache({
      pageFile: files.pageFile,
      doubleWrite: {
        write: (images) =>
          this.#rehearse === undefined
            ? this.#doubleWrite.write(images)
            : this.#rehearseAndWrite(images),
      },
      // While the log is read again all of it is durable: nobody appends.
      log: {
        isDurable: (record) => this.#log?.isDurable(record) ?? true,
        durable: async (record) => await this.#log?.durable(record),
      },
      bytesMax: options.cacheBytes,
    });
  }

  /**
   * Opens the page files, or makes them, and finds torn pages, which read as whole where there is a copy.
   * Redo comes next, then `begin`.
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

  /**
   * Repeats the log's records on the pages. All of the log that it is given is durable. When pages have to be
   * written before its end, all of it is rehearsed first. `endRedo` comes next.
   *
   * @param rehearse - not for a store that is made anew, which repeats none.
   */
  redo(rehearse?: Rehearse): PageRedo {
    assert(this.#log === undefined, "redo comes before new changes");
    this.#rehearse = rehearse;
    return new PageRedo(this.#cache);
  }

  /** Every record was repeated: restores torn pages on the disk, too. */
  async endRedo(): Promise<void> {
    this.#rehearse = undefined;
    await this.#doubleWrite.restore();
  }

  /**
   * The first write of pages is over a double-write area. What was put in its place, or damaged, may have been
   * the newest batch, and its pages be torn: then one that redo needs is not whole. So the store is refused
   * while the area is as it was found, and opens once that is mended.
   */
  async #rehearseAndWrite(images: readonly PageImage[]): Promise<void> {
    const rehearsal = new RedoRehearsal(this.#cache);
    await this.#rehearse?.(rehearsal);
    await rehearsal.end();
    this.#rehearse = undefined;
    await this.#doubleWrite.write(images);
  }

  /** From here on changes go to this log. A new store's first record makes its tree. */
  async begin(log: ChangeLog, isNew: boolean): Promise<void> {
    this.#log = log;
    this.#changes = isNew
      ? LoggedTree.create(this.#cache, log)
      : await LoggedTree.open(this.#cache, log);
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
    return this.#openChanges.prepare(writes);
  }

  hasRoom({ newPages }: ChangeRoom): boolean {
    return this.#pageFile.hasRoomFor(this.#openTree.pageCount + newPages);
  }

  /** @throws SeawallError `NO_SPACE`: nothing was changed; `IO`. */
  async makeRoom({ newPages }: ChangeRoom): Promise<void> {
    await this.#pageFile.extendTo(this.#openTree.pageCount + newPages);
  }

  /** The changes that `prepare` was asked about follow, before anybody awaits anything. */
  beginChanges(room: ChangeRoom): void {
    this.#openChanges.beginChanges(room);
  }

  /**
   * Makes a change and logs it, in one record. Returns the before-image, which shares memory with its
   * page: whoever keeps it for long takes a copy.
   */
  apply(change: StorageChange): StoredValue | undefined {
    return this.#openChanges.apply(change);
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

  /** Reads a page from the disk, in all of its copies, and makes them the same. */
  async scrubPage(id: PageId): Promise<ScrubbedPage> {
    return id < this.#openTree.pageCount ? await scrubPage(this.#cache, id) : { kind: "same" };
  }

  /** The double-write areas; and what was repaired in them, and of pages, becomes durable. */
  async finishScrub(): Promise<AreasScrubbed> {
    return await this.#cache.withoutWrites(async () => {
      const areas = await this.#doubleWrite.scrub();
      await this.#doubleWrite.sync();
      const lsns = await this.#settled.scrub(this.#openTree.pageCount);
      await this.#pageFile.datasync();
      return {
        repaired: areas.repaired + lsns.repaired,
        notRepaired: areas.notRepaired + lsns.notRepaired,
        unreadable: areas.unreadable,
      };
    });
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

  get #openChanges(): LoggedTree {
    return defined(this.#changes, "the tree");
  }

  get #openTree(): BTree {
    return this.#openChanges.tree;
  }
}
