import { assert, defined } from "../base/assert.ts";
import { damagedTree } from "./btree-read.ts";
import { isInline } from "./leaf-cell.ts";
import type { LeafNode } from "./leaf-node.ts";
import { makeBranch, META_PAGE } from "./node.ts";
import type { PageNode } from "./node.ts";
import type { PageCache } from "./page-cache.ts";
import type { CachedPage } from "./cached-page.ts";
import type { PageId } from "./page-format.ts";
import { PageLease } from "./page-lease.ts";
import { metaOf, noStructureCounts, StructureEdit } from "./structure-change.ts";
import type { StructureLog } from "./structure-change.ts";

/** Pages at the end of the file that one step frees: one log record, of about twice as many pages. */
const STEP_PAGES = 64;

/**
 * Moves pages from the end of the file to free pages in front, and forgets the end: what is left is what
 * the tree needs. Each step is one structure change, so that a crash leaves a whole tree. Nobody else
 * changes anything meanwhile; reads go on.
 */
export class Compaction {
  readonly #cache: PageCache;
  readonly #meta: CachedPage;
  readonly #log: StructureLog;
  /** The free list, in its order. */
  #free: PageId[] = [];
  /** Who points to a page: the branch, leaf or overflow page. Of pages that may have to move. */
  readonly #owners = new Map<PageId, PageId>();

  private constructor(cache: PageCache, meta: CachedPage, log: StructureLog) {
    this.#cache = cache;
    this.#meta = meta;
    this.#log = log;
  }

  /** Reads the free list and the tree. @throws SeawallError `CORRUPTION`, `IO`. */
  static async plan(cache: PageCache, meta: CachedPage, log: StructureLog): Promise<Compaction> {
    const compaction = new Compaction(cache, meta, log);
    await compaction.#readFreeList();
    await compaction.#readOwners();
    return compaction;
  }

  /** The most log that the next step takes; 0: there is nothing left to do. */
  get stepBytes(): number {
    const { pageBytes } = this.#cache.pageFile;
    return this.#stepPages === 0 ? 0 : (2 * this.#stepPages + 1) * (pageBytes + 64) + 4096;
  }

  /**
   * Makes the file shorter by some pages, in one log record. `beginRecord` makes room for it, and is the
   * last thing that is waited for.
   */
  async step(beginRecord: () => Promise<void>): Promise<void> {
    const { pageCount } = metaOf(this.#meta);
    const first = pageCount - this.#stepPages;
    const staying = this.#free.filter((id) => id < first);
    const leaving = new Set(this.#free.filter((id) => id >= first));
    const moving: PageId[] = [];
    for (let id = first; id < pageCount; id += 1) {
      if (!leaving.has(id)) {
        moving.push(id);
      }
    }
    // The lowest free pages, wherever they are in the list.
    const targets = staying.toSorted((a, b) => a - b).slice(0, moving.length);
    const taken = new Set(targets);
    const free = staying.filter((id) => !taken.has(id));
    const relinked = this.#relinked(free);
    const lease = new PageLease();
    try {
      const [page, ...others] = [...moving, ...moving.map((id) => this.#ownerOf(id)), ...relinked];
      if (page !== undefined) {
        await lease.hold({ kind: "missing", cache: this.#cache, page, others });
      }
      await beginRecord();
      this.#move(first, moving, targets, free);
    } finally {
      lease.release();
    }
  }

  get #stepPages(): number {
    return Math.min(STEP_PAGES, this.#free.length);
  }

  #ownerOf(id: PageId): PageId {
    return defined(this.#owners.get(id), `owner of page ${id}`);
  }

  /** Free pages that get another one behind them. */
  #relinked(free: readonly PageId[]): PageId[] {
    const next = new Map(this.#free.map((id, i) => [id, this.#free[i + 1]]));
    return free.filter((id, i) => next.get(id) !== free[i + 1]);
  }

  #move(
    pageCount: number,
    moving: readonly PageId[],
    targets: readonly PageId[],
    free: PageId[],
  ): void {
    const meta = metaOf(this.#meta);
    const edit = new StructureEdit(this.#cache, meta, () => false, noStructureCounts());
    const places = new Map(moving.map((from, i) => [from, defined(targets[i], "a free page")]));
    const placeOf = (id: PageId): PageId => places.get(id) ?? id;
    const relinked = new Set(this.#relinked(free));
    for (const [i, id] of free.entries()) {
      if (relinked.has(id)) {
        edit.set(id, { kind: "free", next: free[i + 1] ?? 0 });
      }
    }
    const owners = new Set(moving.map((id) => this.#ownerOf(id)));
    for (const id of new Set([...moving, ...owners])) {
      if (id !== META_PAGE) {
        edit.set(placeOf(id), pointed(defined(edit.look(id), `page ${id}`), placeOf));
      }
    }
    edit.setEnd({
      root: placeOf(edit.root),
      pageCount,
      freeHead: free[0] ?? 0,
      freeCount: free.length,
    });
    edit.finish(this.#log, undefined);
    this.#free = free;
    this.#noteMoves(places);
  }

  #noteMoves(places: ReadonlyMap<PageId, PageId>): void {
    for (const from of places.keys()) {
      this.#owners.delete(from);
    }
    for (const [id, owner] of this.#owners) {
      this.#owners.set(id, places.get(owner) ?? owner);
    }
  }

  async #readFreeList(): Promise<void> {
    const { freeHead, freeCount } = metaOf(this.#meta);
    for (let id = freeHead; id !== 0;) {
      const { node } = await this.#cache.load(id);
      if (node.kind !== "free" || this.#free.length === freeCount) {
        throw damagedTree(
          this.#cache,
          id,
          `a ${node.kind} page in a list of ${freeCount} free ones`,
        );
      }
      this.#free.push(id);
      id = node.next;
    }
    assert(this.#free.length === freeCount, "the free list is as long as it says");
  }

  async #readOwners(): Promise<void> {
    const { root, pageCount } = metaOf(this.#meta);
    const first = pageCount - this.#free.length;
    const note = (id: PageId, owner: PageId): void => {
      if (id >= first) {
        this.#owners.set(id, owner);
      }
    };
    if (this.#free.length === 0) {
      return;
    }
    note(root, META_PAGE);
    const waiting: PageId[] = [root];
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      const { node } = await this.#cache.load(id);
      for (const child of pointersOf(node)) {
        note(child, id);
        waiting.push(child);
      }
    }
  }
}

/** The pages that a page points to: children, or what is next in a chain. */
function pointersOf(node: PageNode): readonly PageId[] {
  switch (node.kind) {
    case "branch":
      return node.children;
    case "leaf":
      return node.references().map(({ first }) => first);
    case "overflow":
      return node.next === 0 ? [] : [node.next];
    case "meta":
    case "free":
      return [];
  }
}

/** A copy that points to the places where the pages are now. */
function pointed(node: PageNode, placeOf: (id: PageId) => PageId): PageNode {
  switch (node.kind) {
    case "branch":
      return makeBranch(node.keys.slice(), node.children.map(placeOf));
    case "leaf":
      return pointedLeaf(node, placeOf);
    case "overflow":
      return { ...node, next: node.next === 0 ? 0 : placeOf(node.next) };
    case "meta":
    case "free":
      return node;
  }
}

function pointedLeaf(leaf: LeafNode, placeOf: (id: PageId) => PageId): LeafNode {
  const moved = leaf.copy();
  for (let i = 0; i < leaf.count; i += 1) {
    const value = leaf.valueAt(i);
    if (!isInline(value)) {
      moved.setAt(i, leaf.keyAt(i), { first: placeOf(value.first), length: value.length });
    }
  }
  return moved;
}
