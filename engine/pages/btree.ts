import { assert, defined, InvariantError } from "../base/assert.ts";
import type { RangeRead } from "../base/sorted-map.ts";
import type { Lsn } from "../base/units.ts";
import type { StoredKey } from "../data/key-codec.ts";
import { damagedTree, findLeaf, findPath, readChain, readRange, wholeValue } from "./btree-read.ts";
import type { OverflowChain, PathStep, RangeFound, TreePath, ValueFound } from "./btree-read.ts";
import { neighbours, neighbourToLoad, restructure } from "./btree-restructure.ts";
import {
  bodyBytesMax,
  bodyBytesMin,
  goesToOverflow,
  isInline,
  leafEntryBytes,
  leafValue,
  makeLeaf,
  META_PAGE,
  overflowChunkBytes,
  setInLeaf,
} from "./node.ts";
import { Compaction } from "./compaction.ts";
import type { BranchNode, LeafValue, MetaNode, OverflowReference } from "./node.ts";
import type { CachedPage, PageCache } from "./page-cache.ts";
import type { PageId } from "./page-format.ts";
import type { MissingPage } from "./page-lease.ts";
import { metaOf, noStructureCounts, StructureEdit } from "./structure-change.ts";
import type { MayReuse, StructureCounts, StructureLog } from "./structure-change.ts";

export interface BTreeOptions {
  readonly cache: PageCache;
  readonly log: StructureLog;
  /** Asked before a free page gets new contents. @defaultValue always */
  readonly mayReuse?: MayReuse;
  /** Asked before a leaf that became small is merged for it: merging can wait. @defaultValue always */
  readonly mayMerge?: () => boolean;
}

/**
 * What a put or delete did. With `logged`, the change went into a structure change's record and the pages
 * bear its LSN. Without, the caller logs it at once and calls `stamp`.
 */
export interface TreeChanged {
  readonly kind: "changed";
  /** The leaf that holds the key, or held it. */
  readonly page: PageId;
  /** The before-image. Shared with the page it was on: whoever keeps it for long takes a copy. */
  readonly old: Uint8Array | undefined;
  readonly logged: Lsn | undefined;
}

export interface Absent {
  readonly kind: "absent";
}

/** What a put or delete would do, before it does it. */
export interface PreparedChange extends ChangeSize {
  readonly kind: "prepared";
  readonly way: TreePath;
}

/** How much a put or delete would change. */
export interface ChangeSize {
  readonly leaf: PageId;
  /** What the leaf takes now, and how much more (or less) it would. */
  readonly leafBytes: number;
  readonly growth: number;
  /** Branches above the leaf, and what they take together. */
  readonly depth: number;
  readonly branchBytes: number;
  readonly oldBytes: number;
  /** Bytes that would go to overflow pages. */
  readonly overflowBytes: number;
  /** Overflow pages that would become free. */
  readonly freedPages: number;
}

/** A before-image that is in its leaf, or absent. */
interface Before {
  readonly kind: "inline";
  readonly value: Uint8Array | undefined;
  readonly pages: readonly PageId[];
}

const NO_PAGES: readonly PageId[] = [];

/** What a put or delete is going to do. */
interface Plan {
  readonly kind: "plan";
  readonly path: TreePath;
  readonly key: StoredKey;
  readonly value: Uint8Array | undefined;
  readonly old: Uint8Array | undefined;
  /** Overflow pages of the old value, which become free. */
  readonly oldChain: readonly PageId[];
  readonly toOverflow: boolean;
  /** What the leaf will take. */
  readonly leafBytes: number;
}

/**
 * The ordered map of all keys, as a B+tree over pages. Everything is synchronous and works on resident
 * pages only: whatever needs another page changes nothing and says which one, so that the caller can load
 * it and try again (`whenResident`). A commit calls `prepare` for each of its changes until none is missing
 * anything; then all of them succeed in one synchronous stretch, whatever splits and merges they cause,
 * because those touch only resident pages.
 *
 * Not durable by itself: a change is as durable as its log record.
 */
export class BTree {
  readonly counts: StructureCounts = noStructureCounts();
  readonly #cache: PageCache;
  readonly #log: StructureLog;
  readonly #mayReuse: MayReuse;
  readonly #mayMerge: () => boolean;
  readonly #meta: CachedPage;
  readonly #pageBytes: number;
  /** Structure changes so far. */
  #structures = 0;
  /** The leaf that was changed last, until the change has an LSN. */
  #unstamped: CachedPage | undefined;

  private constructor(options: BTreeOptions, meta: CachedPage) {
    this.#cache = options.cache;
    this.#log = options.log;
    this.#mayReuse = options.mayReuse ?? (() => true);
    this.#mayMerge = options.mayMerge ?? (() => true);
    this.#meta = meta;
    this.#pageBytes = options.cache.pageFile.pageBytes;
    // Root and free list are looked up at every step: the meta page never leaves.
    options.cache.pin(META_PAGE);
  }

  /** Makes an empty tree, as a structure change: a crash leaves all of it or nothing. */
  static create(options: BTreeOptions): BTree {
    const { pageBytes } = options.cache.pageFile;
    const root = META_PAGE + 1;
    const meta: MetaNode = {
      kind: "meta",
      pageBytes,
      root,
      pageCount: root + 1,
      freeHead: 0,
      freeCount: 0,
    };
    const edit = new StructureEdit(options.cache, meta, () => false, noStructureCounts());
    edit.set(META_PAGE, meta);
    edit.set(root, makeLeaf());
    edit.finish(options.log, undefined);
    return new BTree(options, defined(options.cache.peek(META_PAGE), "meta page"));
  }

  /** Opens the tree that the pages hold, after redo. @throws SeawallError `CORRUPTION`, `IO`. */
  static async open(options: BTreeOptions): Promise<BTree> {
    const page = await options.cache.load(META_PAGE);
    const { node } = page;
    if (node.kind !== "meta" || node.pageBytes !== options.cache.pageFile.pageBytes) {
      throw damagedTree(options.cache, META_PAGE, `a ${node.kind} page of another shape`);
    }
    return new BTree(options, page);
  }

  /** Pages in use or free. */
  get pageCount(): number {
    return metaOf(this.#meta).pageCount;
  }

  get freePageCount(): number {
    return metaOf(this.#meta).freeCount;
  }

  /** See Compaction. Nobody may change anything while it goes on. */
  async planCompaction(): Promise<Compaction> {
    return await Compaction.plan(this.#cache, this.#meta, this.#log);
  }

  /** The value is shared, never changed. */
  get(key: StoredKey): ValueFound | Absent | MissingPage {
    const leaf = findLeaf(this.#cache, this.#root, key);
    if (leaf.kind === "missing") {
      return leaf;
    }
    const value = leafValue(leaf, key);
    return value === undefined ? { kind: "absent" } : wholeValue(this.#cache, value);
  }

  /** At most `limit` entries of a range, in key order from its low end, or from its high end. */
  read(range: RangeRead): RangeFound {
    return readRange(this.#cache, this.#root, range);
  }

  /** With the way that `prepare` has found, when nothing was awaited since: then it need not be searched. */
  put(key: StoredKey, value: Uint8Array, way?: TreePath): TreeChanged | MissingPage {
    const changed = this.#change(key, value, way);
    assert(changed.kind !== "absent", "a put changes something");
    return changed;
  }

  delete(key: StoredKey, way?: TreePath): TreeChanged | Absent | MissingPage {
    return this.#change(key, undefined, way);
  }

  /**
   * Says which page a put (or a delete: value undefined) would need, without doing it, or what it would do.
   * Also asks for pages that it could do without: a neighbour to merge with, a free page to use.
   */
  prepare(key: StoredKey, value: Uint8Array | undefined): PreparedChange | Absent | MissingPage {
    const plan = this.#plan(key, value);
    if (plan.kind !== "plan") {
      return plan;
    }
    return (
      this.#wished(plan) ?? {
        kind: "prepared",
        way: plan.path,
        leaf: plan.path.page.id,
        leafBytes: plan.path.leaf.bytes,
        growth: plan.leafBytes - plan.path.leaf.bytes,
        depth: plan.path.branches.length,
        branchBytes: plan.path.branches.reduce((sum, step) => sum + this.#branch(step).bytes, 0),
        oldBytes: plan.old?.length ?? 0,
        overflowBytes: plan.toOverflow ? (value?.length ?? 0) : 0,
        freedPages: plan.oldChain.length,
      }
    );
  }

  /** The change of this page that was made last is in this log record. */
  stamp(page: PageId, record: Lsn): void {
    const changed = defined(this.#unstamped, "a change without LSN");
    if (changed.id !== page) {
      throw new InvariantError(`page ${changed.id} was changed, not page ${page}`);
    }
    this.#cache.stamp(changed, record);
    this.#unstamped = undefined;
  }

  get #root(): PageId {
    return metaOf(this.#meta).root;
  }

  #change(
    key: StoredKey,
    value: Uint8Array | undefined,
    way: TreePath | undefined,
  ): TreeChanged | Absent | MissingPage {
    if (this.#unstamped !== undefined) {
      throw new InvariantError(
        `the last change of page ${this.#unstamped.id} was not logged: an image could hold it`,
      );
    }
    const plan = this.#plan(key, value, this.#isStill(way) ? way : undefined);
    if (plan.kind !== "plan") {
      return plan;
    }
    const merges = this.#becomesSmall(plan) && this.#hasNeighbour(plan) && this.#mayMerge();
    if (merges || this.#changesStructure(plan)) {
      this.#structures += 1;
      const logged = this.#changeStructure(plan, merges);
      const after = findPath(this.#cache, this.#root, key);
      assert(after.kind === "path", "what was changed is resident");
      return { kind: "changed", page: after.page.id, old: plan.old, logged };
    }
    const { page, leaf } = plan.path;
    setInLeaf(leaf, key, value);
    this.#unstamped = page;
    return { kind: "changed", page: page.id, old: plan.old, logged: undefined };
  }

  /** Splits and merges give other pages to a key; other changes do not. */
  #isStill(way: TreePath | undefined): boolean {
    return way?.structures === this.#structures && way.page.node === way.leaf;
  }

  #plan(
    key: StoredKey,
    value: Uint8Array | undefined,
    way?: TreePath,
  ): Plan | Absent | MissingPage {
    const path = way ?? this.#find(key);
    if (path.kind === "missing") {
      return path;
    }
    const stored = leafValue(path.leaf, key);
    if (stored === undefined && value === undefined) {
      return { kind: "absent" };
    }
    const before = this.#before(stored);
    if (before.kind === "missing") {
      return before;
    }
    const { value: old, pages: oldChain } = before;
    const toOverflow =
      value !== undefined && goesToOverflow(key.length, value.length, this.#pageBytes);
    const leafBytes =
      path.leaf.bytes +
      entryBytes(key, toOverflow ? { first: 0, length: 0 } : value) -
      entryBytes(key, stored);
    return { kind: "plan", path, key, value, old, oldChain, toOverflow, leafBytes };
  }

  #find(key: StoredKey): TreePath | MissingPage {
    const path = findPath(this.#cache, this.#root, key);
    if (path.kind === "path") {
      path.structures = this.#structures;
    }
    return path;
  }

  /** The value as it is before the change, and the overflow pages that it is on. */
  #before(stored: LeafValue | undefined): Before | OverflowChain | MissingPage {
    return stored === undefined || isInline(stored)
      ? { kind: "inline", value: stored, pages: NO_PAGES }
      : readChain(this.#cache, stored);
  }

  #changesStructure(plan: Plan): boolean {
    return (
      plan.toOverflow || plan.oldChain.length > 0 || plan.leafBytes > bodyBytesMax(this.#pageBytes)
    );
  }

  #changeStructure(plan: Plan, merges: boolean): Lsn {
    const { path, key, value } = plan;
    const edit = new StructureEdit(this.#cache, metaOf(this.#meta), this.#mayReuse, this.counts);
    const leaf = edit.change(path.page.id, path.leaf);
    const stored = plan.toOverflow && value !== undefined ? this.#writeChain(edit, value) : value;
    setInLeaf(leaf, key, stored);
    for (const page of plan.oldChain) {
      edit.free(page);
    }
    const isLast = leaf.keys.at(-1) === key && this.#isLastLeaf(path);
    const atEnd = isLast && plan.old === undefined ? "new" : isLast;
    restructure({ edit, path, pageBytes: this.#pageBytes, atEnd, merges });
    return edit.finish(this.#log, { key, old: plan.old });
  }

  /** From the last page to the first, because each names the next. */
  #writeChain(edit: StructureEdit, value: Uint8Array): OverflowReference {
    edit.counts.overflowValues += 1;
    const chunkBytes = overflowChunkBytes(this.#pageBytes);
    const last = Math.floor((value.length - 1) / chunkBytes) * chunkBytes;
    let next: PageId = 0;
    for (let start = last; start >= 0; start -= chunkBytes) {
      const chunk = value.subarray(start, start + chunkBytes);
      next = edit.allocate({ kind: "overflow", next, chunk });
    }
    return { first: next, length: value.length };
  }

  #becomesSmall({ path, leafBytes }: Plan): boolean {
    return leafBytes < path.leaf.bytes && leafBytes < bodyBytesMin(this.#pageBytes);
  }

  #hasNeighbour({ path }: Plan): boolean {
    const step = path.branches.at(-1);
    const pages = { look: (id: PageId) => this.#cache.peek(id)?.node };
    return step !== undefined && neighbours(pages, this.#branch(step), step.index) !== undefined;
  }

  /** A page that the change can do without, but had better not. */
  #wished(plan: Plan): MissingPage | undefined {
    const page = this.#wishedFreePage(plan) ?? this.#wishedNeighbour(plan);
    const resident = page === undefined || this.#cache.peek(page) !== undefined;
    return resident ? undefined : { kind: "missing", cache: this.#cache, page };
  }

  #wishedFreePage({ toOverflow, leafBytes }: Plan): PageId | undefined {
    const { freeHead } = metaOf(this.#meta);
    const allocates = toOverflow || leafBytes > bodyBytesMax(this.#pageBytes);
    return allocates && freeHead !== META_PAGE ? freeHead : undefined;
  }

  #wishedNeighbour(plan: Plan): PageId | undefined {
    const step = plan.path.branches.at(-1);
    const wanted = this.#becomesSmall(plan) && !this.#hasNeighbour(plan);
    return step !== undefined && wanted
      ? neighbourToLoad(this.#branch(step), step.index)
      : undefined;
  }

  #branch({ id }: PathStep): BranchNode {
    const node = this.#cache.peek(id)?.node;
    assert(node?.kind === "branch", "a path leads through resident branches");
    return node;
  }

  #isLastLeaf(path: TreePath): boolean {
    return path.branches.every((step) => step.index === this.#branch(step).keys.length);
  }
}

function entryBytes(key: StoredKey, value: LeafValue | undefined): number {
  return value === undefined ? 0 : leafEntryBytes(key, value);
}
