import { defined } from "../base/assert.ts";
import type { TreePath } from "./btree-read.ts";
import { mergeNodes, splitAtEnd, splitNode } from "./node-split.ts";
import type { Split } from "./node-split.ts";
import { bodyBytesMax, bodyBytesMin, makeBranch, removeChild, replaceSeparator } from "./node.ts";
import type { BranchNode, PageNode } from "./node.ts";
import type { PageId } from "./page-format.ts";
import type { StructureEdit } from "./structure-change.ts";

export interface Restructuring {
  readonly edit: StructureEdit;
  readonly path: TreePath;
  readonly pageBytes: number;
  /** The change was a put at the very end of the tree; "new" when the key was not there before. */
  readonly atEnd: boolean | "new";
  /** Nodes that are too small may be merged: room for that was announced. */
  readonly merges: boolean;
}

/**
 * Makes every node on the way from a changed leaf to the root fit its page, and merges or evens out what
 * has become too small. Goes up as long as parents change. A neighbour that is not resident is left alone:
 * a small node wastes space and nothing else, and the next change of it tries again.
 */
export function restructure(work: Restructuring): void {
  const { edit, path } = work;
  const ids = [...path.branches.map(({ id }) => id), path.page.id];
  for (let level = ids.length - 1; level >= 0; level -= 1) {
    const id = defined(ids[level], "page on the path");
    const node = edit.treeNode(id);
    const changed =
      node.bytes > bodyBytesMax(work.pageBytes)
        ? splitAt(work, level, id)
        : work.merges && node.bytes < bodyBytesMin(work.pageBytes) && mergeAt(work, level);
    if (!changed) {
      break;
    }
  }
  collapseRoot(edit);
}

/** Always changes the parent, or makes one. */
function splitAt({ edit, path, atEnd }: Restructuring, level: number, id: PageId): true {
  const node = edit.treeNode(id);
  const split = atEnd !== false && node.kind === "leaf" ? splitAtEnd(node) : splitNode(node);
  if (atEnd === "new" && node.kind === "leaf") {
    // All that is new goes to the new page: this one stays as it is, and out of the record.
    edit.leave(id);
  } else {
    edit.cut(id, split.separator, split.left);
  }
  const right = edit.allocate(split.right);
  edit.counts.splits += 1;
  const step = path.branches[level - 1];
  if (step === undefined) {
    edit.setRoot(edit.allocate(makeBranch([split.separator], [id, right])));
  } else {
    edit.addChild(step.id, step.index, split.separator, right);
  }
  return true;
}

/** False when there is no neighbour to merge with. */
function mergeAt({ edit, path, pageBytes }: Restructuring, level: number): boolean {
  const step = path.branches[level - 1];
  if (step === undefined) {
    return false;
  }
  const pair = neighbours(edit, edit.branch(step.id), step.index);
  if (pair === undefined) {
    return false;
  }
  const left = edit.treeNode(pair.left);
  const right = edit.treeNode(pair.right);
  if (left.kind !== right.kind) {
    throw edit.damaged(pair.right, `a ${right.kind} beside a ${left.kind}`);
  }
  const merged = mergeNodes(left, pair.separator, right);
  const parent = edit.changedBranch(step.id);
  if (merged.bytes <= bodyBytesMax(pageBytes)) {
    edit.set(pair.left, merged);
    edit.free(pair.right);
    edit.counts.merges += 1;
    removeChild(parent, pair.index);
    return true;
  }
  const split: Split = splitNode(merged);
  edit.set(pair.left, split.left);
  edit.set(pair.right, split.right);
  // The new separator may be longer than the old one: the loop above splits the parent then.
  replaceSeparator(parent, pair.index, split.separator);
  return true;
}

interface Neighbours {
  /** Of the separator between them. */
  readonly index: number;
  readonly left: PageId;
  readonly separator: string;
  readonly right: PageId;
}

/** The child at `index` and the one behind it, or in front of it, whichever is resident. */
export function neighbours(
  pages: { look(id: PageId): PageNode | undefined },
  parent: BranchNode,
  index: number,
): Neighbours | undefined {
  for (const at of [index, index - 1]) {
    const left = parent.children[at];
    const right = parent.children[at + 1];
    const separator = parent.keys[at];
    if (left !== undefined && right !== undefined && separator !== undefined) {
      const other = pages.look(at === index ? right : left);
      if (other !== undefined) {
        return { index: at, left, separator, right };
      }
    }
  }
  return undefined;
}

/** A neighbour to load, when none of the two is resident. */
export function neighbourToLoad(parent: BranchNode, index: number): PageId | undefined {
  return parent.children[index + 1] ?? parent.children[index - 1];
}

/** A root with a single child is one level too many. */
function collapseRoot(edit: StructureEdit): void {
  for (;;) {
    const { root } = edit;
    const node = edit.look(root);
    const child = node?.kind === "branch" && node.keys.length === 0 ? node.children[0] : undefined;
    if (child === undefined) {
      return;
    }
    edit.setRoot(child);
    edit.free(root);
  }
}
