import { defined } from "../base/assert.ts";
import { isSeawallError } from "../base/errors.ts";
import type { Lsn } from "../base/units.ts";
import { decodeNode } from "./node-codec.ts";
import type { OverflowReference } from "../log/page-change.ts";
import type { LeafNode } from "./leaf-node.ts";
import { bodyBytesMax, makeBranch, META_PAGE } from "./node.ts";
import type { BranchNode, MetaNode, PageNode } from "./node.ts";
import type { PageCache } from "./page-cache.ts";
import { describeFound } from "./page-format.ts";
import type { PageId } from "./page-format.ts";
import type { PageFile } from "./page-file.ts";

/** Something that no crash leaves and no bug may make. */
export interface Problem {
  readonly page: PageId;
  readonly what: string;
}

/** A page to check, or why there is none. */
export type PageContent =
  | { readonly kind: "content"; readonly node: PageNode; readonly lsn: Lsn }
  | { readonly kind: "damaged"; readonly what: string };

export interface PageSource {
  readonly pageBytes: number;
  read(id: PageId): Promise<PageContent>;
}

/** What the disk holds, without looking at any cache. */
export function sourceOfFile(file: PageFile): PageSource {
  const read = async (id: PageId): Promise<PageContent> => {
    const found = await file.read(id);
    if (found.kind !== "page") {
      return { kind: "damaged", what: describeFound(found) };
    }
    const decoded = decodeNode(found.pageKind, found.body);
    return decoded.kind === "malformed"
      ? { kind: "damaged", what: decoded.what }
      : { kind: "content", node: decoded.node, lsn: found.lsn };
  };
  return { pageBytes: file.pageBytes, read: async (id) => await readable(read(id)) };
}

/** The newest state, with what is not on the disk yet. */
export function sourceOfCache(cache: PageCache): PageSource {
  const read = async (id: PageId): Promise<PageContent> => {
    const { node, lsn } = await cache.load(id);
    return { kind: "content", node, lsn };
  };
  return { pageBytes: cache.pageFile.pageBytes, read: async (id) => await readable(read(id)) };
}

async function readable(reading: Promise<PageContent>): Promise<PageContent> {
  try {
    return await reading;
  } catch (error) {
    if (isSeawallError(error)) {
      return { kind: "damaged", what: error.message };
    }
    throw error;
  }
}

/**
 * Walks everything from the meta page: pages are whole and where they belong, none is changed by a record
 * behind the end of the log, keys are in order and inside the separators above them, leaves are equally
 * deep, every page has exactly one owner (tree, value, free list). Never throws for damage: it is what the
 * result is about. Changes nothing.
 */
export async function verifyPages(source: PageSource, logEnd: Lsn): Promise<Problem[]> {
  const walk = new Walk(source, logEnd);
  await walk.all();
  return walk.problems;
}

interface Subtree {
  readonly id: PageId;
  /** No key is below it. */
  readonly low: string | undefined;
  /** Every key is below it. */
  readonly high: string | undefined;
  readonly depth: number;
}

class Walk {
  readonly problems: Problem[] = [];
  readonly #source: PageSource;
  readonly #logEnd: Lsn;
  readonly #owners = new Map<PageId, string>();
  #pageCount = 1;
  #leafDepth: number | undefined;

  constructor(source: PageSource, logEnd: Lsn) {
    this.#source = source;
    this.#logEnd = logEnd;
  }

  async all(): Promise<void> {
    const meta = await this.#own(META_PAGE, "the store");
    if (meta === undefined) {
      return;
    }
    if (meta.kind !== "meta") {
      this.#report(META_PAGE, `a ${meta.kind} page instead of the meta page`);
      return;
    }
    if (meta.pageBytes !== this.#source.pageBytes) {
      this.#report(META_PAGE, `made for pages of ${meta.pageBytes} bytes`);
    }
    this.#pageCount = meta.pageCount;
    await this.#tree(meta.root);
    await this.#freeList(meta);
    for (let id = 0; id < this.#pageCount; id += 1) {
      if (!this.#owners.has(id)) {
        this.#report(id, "belongs to nobody");
      }
    }
  }

  #report(page: PageId, what: string): void {
    this.problems.push({ page, what });
  }

  /** Reads a page for its owner. Undefined when there is something wrong with it or its owner. */
  async #own(id: PageId, owner: string): Promise<PageNode | undefined> {
    if (id >= this.#pageCount) {
      this.#report(id, `is behind the last page, and belongs to ${owner}`);
      return undefined;
    }
    const other = this.#owners.get(id);
    if (other !== undefined) {
      this.#report(id, `belongs to ${other}, and to ${owner}`);
      return undefined;
    }
    this.#owners.set(id, owner);
    const content = await this.#source.read(id);
    if (content.kind === "damaged") {
      this.#report(id, content.what);
      return undefined;
    }
    if (content.lsn > this.#logEnd) {
      this.#report(id, `was changed by record ${content.lsn}, the log ends at ${this.#logEnd}`);
    }
    return content.node;
  }

  /** Without recursion, in key order: the top of the stack is the next subtree. */
  async #tree(root: PageId): Promise<void> {
    const stack: Subtree[] = [{ id: root, low: undefined, high: undefined, depth: 0 }];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      const node = await this.#own(next.id, "the tree");
      if (node?.kind === "leaf") {
        await this.#leaf(next, node);
      } else if (node?.kind === "branch") {
        stack.push(...this.#branch(next, node).toReversed());
      } else if (node !== undefined) {
        this.#report(next.id, `a ${node.kind} page in the tree`);
      }
    }
  }

  async #leaf(at: Subtree, leaf: LeafNode): Promise<void> {
    this.#leafDepth ??= at.depth;
    if (this.#leafDepth !== at.depth) {
      this.#report(at.id, `a leaf at depth ${at.depth}, others are at ${this.#leafDepth}`);
    }
    this.#keys(at, leaf.keys(), "key");
    this.#size(at.id, leaf.bytes, leaf.copy().bytes);
    for (const [i, value] of leaf.references().entries()) {
      await this.#chain(at.id, value, `large value ${i} of page ${at.id}`);
    }
  }

  #branch(at: Subtree, branch: BranchNode): Subtree[] {
    const { keys, children } = branch;
    this.#keys(at, keys, "separator");
    if (children.length !== keys.length + 1) {
      this.#report(at.id, `${keys.length} separators for ${children.length} children`);
      return [];
    }
    if (keys.length === 0 && at.depth === 0) {
      this.#report(at.id, "a root with a single child");
    }
    this.#size(at.id, branch.bytes, makeBranch(keys, children).bytes);
    return children.map((id, i) => ({
      id,
      low: keys[i - 1] ?? at.low,
      high: keys[i] ?? at.high,
      depth: at.depth + 1,
    }));
  }

  #keys({ id, low, high }: Subtree, keys: readonly string[], what: string): void {
    for (const [i, key] of keys.entries()) {
      if (i > 0 && key <= defined(keys[i - 1], "key")) {
        this.#report(id, `${what} ${i} is not above the one before it`);
      }
      // A separator equal to the one above it would leave a child without any key.
      const tooLow = low !== undefined && (key < low || (what === "separator" && key === low));
      if (tooLow || (high !== undefined && key >= high)) {
        this.#report(id, `${what} ${i} is outside the separators above it`);
      }
    }
  }

  #size(id: PageId, counted: number, real: number): void {
    if (counted !== real) {
      this.#report(id, `counts ${counted} bytes and has ${real}`);
    }
    if (real > bodyBytesMax(this.#source.pageBytes)) {
      this.#report(id, `has ${real} bytes, too many for its page`);
    }
  }

  async #chain(leaf: PageId, { first, length }: OverflowReference, owner: string): Promise<void> {
    let bytes = 0;
    for (let id = first; id !== 0;) {
      const node = await this.#own(id, owner);
      if (node === undefined) {
        return;
      }
      if (node.kind !== "overflow") {
        this.#report(id, `a ${node.kind} page in the chain of ${owner}`);
        return;
      }
      bytes += node.chunk.length;
      id = node.next;
    }
    if (bytes !== length) {
      this.#report(leaf, `${owner} has ${length} bytes, its chain has ${bytes}`);
    }
  }

  async #freeList({ freeHead, freeCount }: MetaNode): Promise<void> {
    let count = 0;
    for (let id = freeHead; id !== 0; count += 1) {
      const node = await this.#own(id, "the free list");
      if (node === undefined) {
        return;
      }
      if (node.kind !== "free") {
        this.#report(id, `a ${node.kind} page in the free list`);
        return;
      }
      id = node.next;
    }
    if (count !== freeCount) {
      this.#report(META_PAGE, `counts ${freeCount} free pages, the list has ${count}`);
    }
  }
}
