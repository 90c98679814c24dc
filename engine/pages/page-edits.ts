import { assert, unreachable } from "../base/assert.ts";
import type { StoredKey } from "../data/key-codec.ts";
import type { PageEdit } from "../log/page-change.ts";
import { searchKeys } from "./key-index.ts";
import type { LeafNode } from "./leaf-node.ts";
import { addChild, makeBranch } from "./node.ts";
import type { BranchNode, PageNode } from "./node.ts";

/**
 * What the node is after the edit, itself changed or another one. Undefined when a node of its kind cannot
 * be edited so, or not with this key: then the edit was not made for this page.
 */
export function edited(node: PageNode, edit: PageEdit): PageNode | undefined {
  switch (edit.kind) {
    case "set":
      return node.kind === "leaf" ? withEntry(node, edit) : undefined;
    case "cut":
      return node.kind === "leaf" || node.kind === "branch" ? cut(node, edit.key) : undefined;
    case "child":
      return node.kind === "branch" ? withChild(node, edit) : undefined;
    default:
      return unreachable(edit);
  }
}

function withEntry(leaf: LeafNode, { key, value }: Extract<PageEdit, { kind: "set" }>): LeafNode {
  leaf.set(key, value);
  return leaf;
}

/** What is below the key. */
function cut(node: LeafNode | BranchNode, key: StoredKey): LeafNode | BranchNode {
  if (node.kind === "leaf") {
    return node.slice(0, node.firstIn({ key, inclusive: true }));
  }
  const kept = searchKeys(node, key);
  return makeBranch(node.keys.slice(0, kept), node.children.slice(0, kept + 1));
}

function withChild(
  branch: BranchNode,
  { key, child }: Extract<PageEdit, { kind: "child" }>,
): BranchNode | undefined {
  const index = searchKeys(branch, key);
  if (branch.keys[index] === key) {
    return undefined;
  }
  addChild(branch, index, key, child);
  return branch;
}

/** The edits without those that a cut at this key takes back. */
export function withoutCut(edits: readonly PageEdit[], key: StoredKey): PageEdit[] {
  assert(
    edits.every((edit) => edit.kind !== "cut"),
    "a page is cut once",
  );
  return edits.filter((edit) => edit.key < key);
}
