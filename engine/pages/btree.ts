import { assert, defined, InvariantError } from "../base/assert.ts";
import type { RangeRead } from "../base/sorted-map.ts";
import type { Lsn } from "../base/units.ts";
import type { StoredKey } from "../data/key-codec.ts";
import { damagedTree, findLeaf, findPath, readRange, wholeValue } from "./btree-read.ts";
import type { KeyPath, PathStep, RangeFound, TreePath, ValueFound } from "./btree-read.ts";
import { neighbours, neighbourToLoad, restructure } from "./btree-restructure.ts";
import { ABSENT, oldValueOf, planChange, preparedOf } from "./change-plan.ts";
import type { Absent, ChangePlan, PreparedChange } from "./change-plan.ts";
import { Compaction } from "./compaction.ts";
import { LeafNode } from "./leaf-node.ts";
import type { OverflowReference } from "../log/page-change.ts";
import { bodyBytesMax, bodyBytesMin, META_PAGE, overflowChunkBytes } from "./node.ts";
import type { BranchNode, MetaNode } from "./node.ts";
import type { PageCache } from "./page-cache.ts";
import type { CachedPage } from "./cached-page.ts";
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
    edit.set(root, LeafNode.empty());
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
    const value = leaf.get(key);
    return value === undefined ? ABSENT : wholeValue(this.#cache, value);
  }

  /** At most `limit` entries of a range, in key order from its low end, or from its high end. */
  read(range: RangeRead): RangeFound {
    return readRange(this.#cache, this.#root, range);
  }

  /** With the way that `prepare` has found, when nothing was awaited since: then it need not be searched. */
  put(key: StoredKey, value: Uint8Array, way?: KeyPath): TreeChanged | MissingPage {
    const changed = this.#change(key, value, way);
    assert(changed.kind !== "absent", "a put changes something");
    return changed;
  }

  delete(key: StoredKey, way?: KeyPath): TreeChanged | Absent | MissingPage {
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
    return this.#wished(plan) ?? preparedOf(plan);
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
    way: KeyPath | undefined,
  ): TreeChanged | Absent | MissingPage {
    if (this.#unstamped !== undefined) {
      throw new InvariantError(
        `the last change of page ${this.#unstamped.id} was not logged: an image could hold it`,
      );
    }
    const plan = this.#plan(key, value, way);
    if (plan.kind !== "plan") {
      return plan;
    }
    const merges = this.#becomesSmall(plan) && this.#hasNeighbour(plan) && this.#mayMerge();
    const old = oldValueOf(plan);
    if (merges || this.#changesStructure(plan)) {
      this.#structures += 1;
      const logged = this.#changeStructure(plan, old, merges);
      const after = findPath(this.#cache, this.#root, key, this.#structures);
      assert(after.kind === "path", "what was changed is resident");
      return { kind: "changed", page: after.page.id, old, logged };
    }
    const { page, leaf, found } = plan.path;
    leaf.setAt(found, key, value);
    this.#unstamped = page;
    return { kind: "changed", page: page.id, old, logged: undefined };
  }

  /** Splits and merges give other pages to a key, and other changes of its leaf another place in it. */
  #isStill(way: KeyPath): boolean {
    const { leaf, leafChanges, page, structures } = way;
    return structures === this.#structures && page.node === leaf && leaf.changes === leafChanges;
  }

  #plan(
    key: StoredKey,
    value: Uint8Array | undefined,
    way?: KeyPath,
  ): ChangePlan | Absent | MissingPage {
    const path =
      way !== undefined && this.#isStill(way)
        ? way
        : findPath(this.#cache, this.#root, key, this.#structures);
    return path.kind === "missing" ? path : planChange(this.#cache, path, key, value);
  }

  #changesStructure(plan: ChangePlan): boolean {
    return (
      plan.toOverflow ||
      plan.oldChain !== undefined ||
      plan.leafBytes > bodyBytesMax(this.#pageBytes)
    );
  }

  #changeStructure(plan: ChangePlan, old: Uint8Array | undefined, merges: boolean): Lsn {
    const { path, key, value } = plan;
    const edit = new StructureEdit(this.#cache, metaOf(this.#meta), this.#mayReuse, this.counts);
    const stored = plan.toOverflow && value !== undefined ? this.#writeChain(edit, value) : value;
    const leaf = edit.setEntry(path.page.id, path.leaf, key, stored);
    for (const page of plan.oldChain?.pages ?? []) {
      edit.free(page);
    }
    const isLast = leaf.find(key) === leaf.count - 1 && this.#isLastLeaf(path);
    const atEnd = isLast && old === undefined ? "new" : isLast;
    restructure({ edit, path, pageBytes: this.#pageBytes, atEnd, merges });
    return edit.finish(this.#log, { key, old });
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

  #becomesSmall({ path, leafBytes }: ChangePlan): boolean {
    return leafBytes < path.leaf.bytes && leafBytes < bodyBytesMin(this.#pageBytes);
  }

  #hasNeighbour({ path }: ChangePlan): boolean {
    const step = path.branches.at(-1);
    const pages = { look: (id: PageId) => this.#cache.peek(id)?.node };
    return step !== undefined && neighbours(pages, this.#branch(step), step.index) !== undefined;
  }

  /** A page that the change can do without, but had better not. */
  #wished(plan: ChangePlan): MissingPage | undefined {
    const page = this.#wishedFreePage(plan) ?? this.#wishedNeighbour(plan);
    const resident = page === undefined || this.#cache.peek(page) !== undefined;
    return resident ? undefined : { kind: "missing", cache: this.#cache, page };
  }

  #wishedFreePage({ toOverflow, leafBytes }: ChangePlan): PageId | undefined {
    const { freeHead } = metaOf(this.#meta);
    const allocates = toOverflow || leafBytes > bodyBytesMax(this.#pageBytes);
    return allocates && freeHead !== META_PAGE ? freeHead : undefined;
  }

  #wishedNeighbour(plan: ChangePlan): PageId | undefined {
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
