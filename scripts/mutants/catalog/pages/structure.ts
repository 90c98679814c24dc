import type { Mutant } from "../../mutant.ts";

/** Bugs of splits, merges, free pages and overflow chains. */
export const STRUCTURE_MUTANTS: readonly Mutant[] = [
  {
    name: "structure-record-lacks-a-page",
    about: "a split or merge is logged without one of its pages",
    edits: [
      {
        file: "engine/pages/structure-change.ts",
        anchor: "const pages = [...this.#pages].map(",
        replacement:
          "const pages = [...this.#pages].slice(0, Math.max(1, this.#pages.size - 1)).map(",
      },
    ],
    expects: ["P1", "P2", "P3", "P5", "P6", "P7", "P8"],
  },
  {
    name: "merge-loses-keys",
    about: "what the right neighbour held is gone",
    edits: [
      {
        file: "engine/pages/node-split.ts",
        anchor: "return LeafNode.joined(left, right);",
        replacement: "return left.copy();",
      },
    ],
    expects: ["P1", "P2", "P3", "P5", "P6", "isolation"],
  },
  {
    name: "split-loses-a-key",
    about: "the first key of the right half is gone",
    edits: [
      {
        file: "engine/pages/node-split.ts",
        anchor: "right: leaf.slice(at, leaf.count),",
        replacement: "right: leaf.slice(at + 1, leaf.count),",
      },
    ],
    expects: ["P1", "P2", "P3", "P5", "P6", "isolation"],
  },
  {
    name: "cut-is-repeated-one-key-late",
    about: "redo of a split leaves the first key of the right half in the left one, too",
    edits: [
      {
        file: "engine/pages/page-edits.ts",
        anchor: "node.firstIn({ key, inclusive: true })",
        replacement: "node.firstIn({ key, inclusive: true }) + 1",
      },
    ],
    expects: ["P1", "P2", "P3", "P5", "P6", "P7"],
  },
  {
    name: "cut-takes-what-stays",
    about: "the put that split its leaf is not logged, although it stayed in the left half",
    edits: [
      {
        file: "engine/pages/page-edits.ts",
        anchor: "return edits.filter((edit) => edit.key < key);",
        replacement: "return edits.filter((edit) => edit.key > key);",
      },
    ],
    expects: ["P1", "P2", "P3", "P5", "P6", "P7"],
  },
  {
    name: "separator-not-updated",
    about: "two neighbours were evened out, and their parent still divides them where it did",
    edits: [
      {
        file: "engine/pages/btree-restructure.ts",
        anchor: `  replaceSeparator(parent, pair.index, split.separator);
`,
        replacement: "",
      },
    ],
    expects: ["P1", "P2", "P3", "P5", "P6", "P8", "isolation"],
  },
  {
    name: "freed-page-stays-in-use",
    about: "a merge frees the page that it keeps (bolt #348, #701)",
    edits: [
      {
        file: "engine/pages/btree-restructure.ts",
        anchor: "    edit.free(pair.right);",
        replacement: "    edit.free(pair.left);",
      },
    ],
    expects: ["P1", "P2", "P3", "P5", "P6", "P8", "isolation"],
  },
  {
    name: "free-page-used-twice",
    about: "the free list keeps a page that got new contents",
    edits: [
      {
        file: "engine/pages/structure-change.ts",
        anchor: `      this.#setMeta({ ...this.#meta, freeHead: head.next, freeCount: freeCount - 1 });
`,
        replacement: "",
      },
    ],
    expects: ["P5", "P8", "isolation"],
  },
  {
    name: "free-list-cut",
    about: "a page that becomes free forgets those that were free before",
    edits: [
      {
        file: "engine/pages/structure-change.ts",
        anchor: 'this.set(id, { kind: "free", next: freeHead });',
        replacement: 'this.set(id, { kind: "free", next: META_PAGE });',
      },
    ],
    expects: ["P5"],
  },
  {
    name: "overflow-pages-not-logged",
    about: "a large value is in the log by reference only",
    edits: [
      {
        file: "engine/pages/structure-change.ts",
        anchor: "const pages = [...this.#pages].map(",
        replacement:
          'const pages = [...this.#pages].filter(([, { node }]) => node.kind !== "overflow").map(',
      },
    ],
    expects: ["P1", "P5", "P6", "P8"],
  },
  {
    name: "overflow-chain-leaks",
    about: "the pages of a large value that was replaced belong to nobody",
    edits: [
      {
        file: "engine/pages/btree.ts",
        anchor: `      edit.free(page);
`,
        replacement: `      edit.look(page);
`,
      },
    ],
    expects: ["P5"],
  },
];
