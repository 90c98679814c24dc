import { defined } from "../../engine/base/assert.ts";
import type { StoredKey } from "../../engine/data/key-codec.ts";
import { LeafNode } from "../../engine/pages/leaf-node.ts";
import type { LeafValue } from "../../engine/log/page-change.ts";

/** A leaf of these entries, which are in key order. */
export function makeLeaf(keys: readonly StoredKey[], values: readonly LeafValue[]): LeafNode {
  const leaf = LeafNode.empty();
  for (const [i, key] of keys.entries()) {
    leaf.setAt(~i, key, defined(values[i], "value"));
  }
  return leaf;
}
