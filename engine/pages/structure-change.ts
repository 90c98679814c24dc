import { assert } from "../base/assert.ts";
import type { SeawallError } from "../base/errors.ts";
import type { Lsn } from "../base/units.ts";
import type { StoredKey } from "../data/key-codec.ts";
import type { LeafValue, PageChange, PageEdit, PageId } from "../log/page-change.ts";
import { encodedBytes, encodeNode } from "./node-codec.ts";
import { addChild, copyBranch, META_PAGE } from "./node.ts";
import type { BranchNode, MetaNode, PageNode } from "./node.ts";
import type { TreeNode } from "./node-split.ts";
import type { PageCache } from "./page-cache.ts";
import type { CachedPage } from "./cached-page.ts";
import type { LeafNode } from "./leaf-node.ts";
import { withoutCut } from "./page-edits.ts";

/**
 * A change of more than one page: a split, a merge, a chain of overflow pages, with the meta page and free
 * pages that it touched. One log record, so that a crash leaves all of it or none.
 *
 * When `change` is there, the pages' changes also contain the put or delete of that key. The record must then
 * serve as that of the put or delete, too (before-image, transaction): were there two records, a crash
 * between them would leave a change that nothing can undo, or overflow pages that nobody owns.
 */
export interface StructureChange {
  readonly pages: readonly PageChange[];
  readonly change: KeyImage | undefined;
}

/** A key that a change touched, with its before-image. */
export interface KeyImage {
  readonly key: StoredKey;
  readonly old: Uint8Array | undefined;
}

/** Where structure changes are logged. */
export interface StructureLog {
  /** Appends the record and returns its LSN, higher than all before. When it throws, nothing has changed. */
  append(change: StructureChange): Lsn;
}

/** Whether a free page may be given new contents already. */
export type MayReuse = (page: PageId) => boolean;

/** What changed the shape of the tree since it was opened. */
export interface StructureCounts {
  splits: number;
  merges: number;
  /** Values that were written to overflow pages. */
  overflowValues: number;
  /** Free pages that were given new contents. */
  reusedPages: number;
}

export function noStructureCounts(): StructureCounts {
  return { splits: 0, merges: 0, overflowValues: 0, reusedPages: 0 };
}

/** A page as a structure change leaves it. */
interface ChangedPage {
  readonly node: PageNode;
  /** How it came to that. Undefined: all of it is logged. */
  readonly edits: readonly PageEdit[] | undefined;
}

/** Collects a structure change on copies, so that the pages change all together, after it is logged. */
export class StructureEdit {
  readonly counts: StructureCounts;
  readonly #cache: PageCache;
  readonly #mayReuse: MayReuse;
  readonly #pages = new Map<PageId, ChangedPage>();
  #meta: MetaNode;

  constructor(cache: PageCache, meta: MetaNode, mayReuse: MayReuse, counts: StructureCounts) {
    this.#cache = cache;
    this.#meta = meta;
    this.#mayReuse = mayReuse;
    this.counts = counts;
  }

  get root(): PageId {
    return this.#meta.root;
  }

  /** The node as this change leaves it so far; undefined when its page is not resident. */
  look(id: PageId): PageNode | undefined {
    return this.#pages.get(id)?.node ?? this.#cache.peek(id)?.node;
  }

  /** A branch to change in any way: all of it is logged. Its page is resident. */
  changedBranch(id: PageId): BranchNode {
    const branch = this.branch(id);
    const changed = this.#pages.has(id) ? branch : copyBranch(branch);
    this.set(id, changed);
    return changed;
  }

  /** Gives a key of a leaf a value, or removes it. Returns the leaf as it is then. */
  setEntry(id: PageId, leaf: LeafNode, key: StoredKey, value: LeafValue | undefined): LeafNode {
    const changed = leaf.copy();
    changed.set(key, value);
    this.#edit(id, changed, { kind: "set", key, value });
    return changed;
  }

  /** Takes away what is not below the key; `rest` is what is left. */
  cut(id: PageId, key: StoredKey, rest: TreeNode): void {
    const page = this.#pages.get(id);
    const edits = page === undefined ? [] : page.edits;
    this.#pages.set(id, {
      node: rest,
      edits: edits === undefined ? undefined : [...withoutCut(edits, key), { kind: "cut", key }],
    });
  }

  /** Gives a branch a new child behind that at `index`. */
  addChild(id: PageId, index: number, key: StoredKey, child: PageId): void {
    const branch = this.branch(id);
    const changed = this.#pages.has(id) ? branch : copyBranch(branch);
    addChild(changed, index, key, child);
    this.#edit(id, changed, { kind: "child", key, child });
  }

  /** A leaf or branch of the tree. @throws SeawallError `CORRUPTION` for any other page. */
  treeNode(id: PageId): TreeNode {
    const node = this.look(id);
    if (node?.kind === "leaf" || node?.kind === "branch") {
      return node;
    }
    throw this.damaged(id, `a ${node?.kind ?? "missing"} page`);
  }

  branch(id: PageId): BranchNode {
    const node = this.treeNode(id);
    if (node.kind === "branch") {
      return node;
    }
    throw this.damaged(id, "a leaf");
  }

  damaged(id: PageId, what: string): SeawallError {
    return this.#cache.pageFile.refusal(id, { kind: "malformed", what });
  }

  /** The page is not changed after all. */
  leave(id: PageId): void {
    this.#pages.delete(id);
  }

  set(id: PageId, node: PageNode): void {
    this.#pages.set(id, { node, edits: undefined });
  }

  setRoot(root: PageId): void {
    this.#setMeta({ ...this.#meta, root });
  }

  /** The tree and the free list are somewhere else, and the pages from `pageCount` on are nobody's. */
  setEnd(end: Pick<MetaNode, "root" | "pageCount" | "freeHead" | "freeCount">): void {
    this.#setMeta({ ...this.#meta, ...end });
  }

  /** A page for the node: the first free one if that is resident and may be reused, else a new one. */
  allocate(node: PageNode): PageId {
    const { freeHead, freeCount, pageCount } = this.#meta;
    const head = freeHead === META_PAGE ? undefined : this.look(freeHead);
    if (head?.kind === "free" && this.#mayReuse(freeHead)) {
      this.#setMeta({ ...this.#meta, freeHead: head.next, freeCount: freeCount - 1 });
      this.set(freeHead, node);
      this.counts.reusedPages += 1;
      return freeHead;
    }
    this.#setMeta({ ...this.#meta, pageCount: pageCount + 1 });
    this.set(pageCount, node);
    return pageCount;
  }

  free(id: PageId): void {
    assert(id !== META_PAGE, "the meta page is never free");
    const { freeHead, freeCount } = this.#meta;
    this.set(id, { kind: "free", next: freeHead });
    this.#setMeta({ ...this.#meta, freeHead: id, freeCount: freeCount + 1 });
  }

  /** Logs the change, and then makes it: every page gets the LSN of the one record. */
  finish(log: StructureLog, change: KeyImage | undefined): Lsn {
    const pages = [...this.#pages].map(([pageId, page]) => changeOf(pageId, page));
    const record = log.append({ pages, change });
    for (const [pageId, { node }] of this.#pages) {
      this.#cache.install(pageId, node, record);
    }
    return record;
  }

  #edit(id: PageId, node: PageNode, edit: PageEdit): void {
    const page = this.#pages.get(id);
    const edits = page === undefined ? [] : page.edits;
    this.#pages.set(id, { node, edits: edits === undefined ? undefined : [...edits, edit] });
  }

  #setMeta(meta: MetaNode): void {
    this.#meta = meta;
    this.set(META_PAGE, meta);
  }
}

function changeOf(pageId: PageId, { node, edits }: ChangedPage): PageChange {
  if (edits !== undefined) {
    return { form: "edits", pageId, edits };
  }
  const body = new Uint8Array(encodedBytes(node));
  encodeNode(node, body);
  return { form: "image", pageId, kind: node.kind, body };
}

/** The meta page's node. The page is resident and pinned for as long as the tree is open. */
export function metaOf({ node }: CachedPage): MetaNode {
  assert(node.kind === "meta", "page 0 was checked when the tree was opened");
  return node;
}
