import { assert } from "../base/assert.ts";
import type { SeawallError } from "../base/errors.ts";
import type { Lsn } from "../base/units.ts";
import type { StoredKey } from "../data/key-codec.ts";
import { encodedBytes, encodeNode } from "./node-codec.ts";
import { copyNode, META_PAGE } from "./node.ts";
import type { BranchNode, MetaNode, PageNode } from "./node.ts";
import type { TreeNode } from "./node-split.ts";
import type { CachedPage, PageCache } from "./page-cache.ts";
import type { PageAfterImage, PageId } from "../log/page-image.ts";

/**
 * A change of more than one page: a split, a merge, a chain of overflow pages, with the meta page and free
 * pages that it touched. One log record, so that a crash leaves all of it or none.
 *
 * When `change` is there, the images also contain the put or delete of that key. The record must then
 * serve as that of the put or delete, too (before-image, transaction): were there two records, a crash
 * between them would leave a change that nothing can undo, or overflow pages that nobody owns.
 */
export interface StructureChange {
  readonly pages: readonly PageAfterImage[];
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

/** Collects a structure change on copies, so that the pages change all together, after it is logged. */
export class StructureEdit {
  readonly counts: StructureCounts;
  readonly #cache: PageCache;
  readonly #mayReuse: MayReuse;
  readonly #nodes = new Map<PageId, PageNode>();
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
    return this.#nodes.get(id) ?? this.#cache.peek(id)?.node;
  }

  /** A leaf or branch to change. Its page is resident. */
  change<N extends TreeNode>(id: PageId, node: N): N {
    if (this.#nodes.get(id) === node) {
      return node;
    }
    const copy = copyNode(node);
    this.set(id, copy);
    return copy;
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
    this.#nodes.delete(id);
  }

  set(id: PageId, node: PageNode): void {
    this.#nodes.set(id, node);
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
    const pages = [...this.#nodes].map(([pageId, node]) => afterImage(pageId, node));
    const record = log.append({ pages, change });
    for (const [pageId, node] of this.#nodes) {
      this.#cache.install(pageId, node, record);
    }
    return record;
  }

  #setMeta(meta: MetaNode): void {
    this.#meta = meta;
    this.set(META_PAGE, meta);
  }
}

function afterImage(pageId: PageId, node: PageNode): PageAfterImage {
  const body = new Uint8Array(encodedBytes(node));
  encodeNode(node, body);
  return { pageId, kind: node.kind, body };
}

/** The meta page's node. The page is resident and pinned for as long as the tree is open. */
export function metaOf({ node }: CachedPage): MetaNode {
  assert(node.kind === "meta", "page 0 was checked when the tree was opened");
  return node;
}
