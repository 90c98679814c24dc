import { defined } from "../../engine/base/assert.ts";
import type { MapEntry, RangeRead } from "../../engine/base/sorted-map.ts";
import { type Lsn, lsn, transactionId } from "../../engine/base/units.ts";
import type { LogRecord } from "../../engine/log/record.ts";
import { BTree, type TreeChanged } from "../../engine/pages/btree.ts";
import type { Absent } from "../../engine/pages/change-plan.ts";
import type { RangeFound } from "../../engine/pages/btree-read.ts";
import { PageCache } from "../../engine/pages/page-cache.ts";
import { type MissingPage, whenResident } from "../../engine/pages/page-lease.ts";
import { type LeafChange, PageRedo } from "../../engine/pages/redo.ts";
import type { MayReuse, StructureChange } from "../../engine/pages/structure-change.ts";
import { type Problem, sourceOfCache, verifyPages } from "../../engine/pages/verify.ts";
import { filesOf, openPages, PAGE_BYTES } from "./page-disk.ts";
import { RecordedLog } from "./recorded-log.ts";
import type { VirtualStore } from "./virtual-store.ts";

export type TreeRecord =
  | { readonly kind: "structure"; readonly change: StructureChange }
  | { readonly kind: "leaf"; readonly change: LeafChange };

export interface TreeOptions {
  readonly cachePages: number;
  readonly mayReuse?: MayReuse;
}

/** A tree over pages on a virtual disk, with a log in memory, as a transaction manager would use it. */
export class PageTree {
  readonly tree: BTree;
  readonly cache: PageCache;
  readonly log: RecordedLog<TreeRecord>;

  private constructor(tree: BTree, cache: PageCache, log: RecordedLog<TreeRecord>) {
    this.tree = tree;
    this.cache = cache;
    this.log = log;
  }

  static async create(world: VirtualStore, options: TreeOptions): Promise<PageTree> {
    const log = new RecordedLog<TreeRecord>();
    const cache = await openCache(world, options, log);
    const tree = BTree.create({ cache, log: structureLog(log), ...reuse(options) });
    return new PageTree(tree, cache, log);
  }

  /** After a crash: repeats the log's durable records from the redo point on. */
  static async recover(
    world: VirtualStore,
    options: TreeOptions,
    from: { readonly log: RecordedLog<TreeRecord>; readonly redoPoint: Lsn },
  ): Promise<PageTree> {
    const { log, redoPoint } = from;
    log.records.length = log.durableCount;
    const cache = await openCache(world, options, log);
    const redo = new PageRedo(cache);
    for (const { lsn: at, record } of log.records) {
      if (at >= redoPoint) {
        await redo.repeat(logRecordOf(record), at);
      }
      // As a load of other data would: pages come and go during redo.
      await cache.trim();
    }
    await redo.end();
    const tree = await BTree.open({ cache, log: structureLog(log), ...reuse(options) });
    return new PageTree(tree, cache, log);
  }

  /** As a transaction's critical section does it: the change, its record and its stamp at once. */
  change(key: string, value: Uint8Array | undefined): TreeChanged | Absent | MissingPage {
    const changed = value === undefined ? this.tree.delete(key) : this.tree.put(key, value);
    if (changed.kind === "changed" && changed.logged === undefined) {
      const change = { pageId: changed.page, key, value };
      this.tree.stamp(changed.page, this.log.write({ kind: "leaf", change }));
    }
    return changed;
  }

  async put(key: string, value: Uint8Array): Promise<void> {
    await whenResident(this.cache, () => this.change(key, value));
  }

  async delete(key: string): Promise<boolean> {
    const { kind } = await whenResident(this.cache, () => {
      const prepared = this.tree.prepare(key, undefined);
      return prepared.kind === "missing" ? prepared : this.change(key, undefined);
    });
    return kind === "changed";
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    const found = await whenResident(this.cache, () => this.tree.get(key));
    return found.kind === "value" ? found.value : undefined;
  }

  async read(range: RangeRead): Promise<readonly MapEntry<Uint8Array>[]> {
    const found = await whenResident<Exclude<RangeFound, MissingPage>>(this.cache, () =>
      this.tree.read(range),
    );
    return found.entries;
  }

  async all(): Promise<readonly MapEntry<Uint8Array>[]> {
    return await this.read({ reverse: false, limit: Infinity });
  }

  async problems(): Promise<readonly Problem[]> {
    return await verifyPages(sourceOfCache(this.cache), this.log.records.at(-1)?.lsn ?? lsn(0));
  }

  /** The lowest recovery LSN: redo that begins there misses nothing. */
  redoPoint(): Lsn {
    return this.cache
      .dirtyPages()
      .reduce(
        (least, { recoveryLsn }) => (recoveryLsn < least ? recoveryLsn : least),
        this.log.next,
      );
  }
}

async function openCache(
  world: VirtualStore,
  { cachePages }: TreeOptions,
  log: RecordedLog<TreeRecord>,
): Promise<PageCache> {
  const { pageFile, doubleWrite } = await openPages(filesOf(world));
  return new PageCache({ pageFile, doubleWrite, log, bytesMax: cachePages * PAGE_BYTES });
}

function structureLog(log: RecordedLog<TreeRecord>): { append(change: StructureChange): Lsn } {
  return { append: (change) => log.write({ kind: "structure", change }) };
}

function reuse({ mayReuse }: TreeOptions): { readonly mayReuse?: MayReuse } {
  return mayReuse === undefined ? {} : { mayReuse };
}

/** What redo reads of a record in the log; whose change it was does not matter to it. */
function logRecordOf(record: TreeRecord): LogRecord {
  if (record.kind === "structure") {
    return { kind: "structure", pages: record.change.pages, change: undefined };
  }
  const { pageId: page, key, value } = record.change;
  const change = { transaction: transactionId(1), page, key, old: undefined };
  return value === undefined ? { kind: "delete", ...change } : { kind: "put", ...change, value };
}

/**
 * Keys of four families. Those that differ only behind a long common part need long separators, so that
 * branches hold few of them, and split and merge as often as leaves.
 */
export function keyOf(n: number): string {
  const digits = String(n).padStart(5, "0");
  switch (n % 4) {
    case 0:
      return digits;
    case 1:
      return digits + "\u00ff".repeat(n % 3 === 0 ? 1019 : 100);
    case 2:
      return "p".repeat(1010) + digits;
    default:
      return "q".repeat(300 + (n % 5) * 50) + digits;
  }
}

/** A value that tells its length and number. */
export function valueOf(n: number, length: number): Uint8Array {
  return new Uint8Array(length).map((_, i) => (i * 7 + n) % 256);
}

/** The entries of a model, in key order. */
export function sortedEntries(model: ReadonlyMap<string, Uint8Array>): [string, Uint8Array][] {
  const keys = [...model.keys()].toSorted((a, b) => (a < b ? -1 : 1));
  return keys.map((key) => [key, defined(model.get(key), "value")]);
}
