import type { Mutant } from "../../mutant.ts";

/** Bugs of redo, undo, and transactions that are in the pages before they commit. */
export const REDO_UNDO_MUTANTS: readonly Mutant[] = [
  {
    name: "redo-of-what-is-there",
    about: "a record is repeated on a page that has later ones (libdb 6)",
    edits: [
      {
        file: "engine/pages/redo.ts",
        anchor: `  if (page.lsn >= record) {
    return false;
  }
  const { node }`,
        replacement: "  const { node }",
      },
      {
        file: "engine/pages/redo.ts",
        anchor: `  cache.stamp(page, record);
  return true;`,
        replacement: `  if (page.lsn < record) {
    cache.stamp(page, record);
  }
  return true;`,
      },
    ],
    expects: ["P1", "P2", "P3", "P5", "P6", "P7", "P8"],
  },
  {
    name: "redo-of-the-last-record-again",
    about: "a page that bears the LSN of a record is taken for one that lacks it",
    edits: [
      {
        file: "engine/pages/redo.ts",
        anchor: "if (page.lsn >= record) {",
        replacement: "if (page.lsn > record) {",
      },
    ],
    expects: ["P5", "P8"],
  },
  {
    name: "redo-leaves-pages-clean",
    about:
      "a page that redo changed does not get the LSN of the record, and is never written (libdb 9)",
    edits: [
      {
        file: "engine/pages/redo.ts",
        anchor: `  cache.stamp(page, record);
  return true;`,
        replacement: "  return true;",
      },
    ],
    expects: ["P1", "P2", "P3", "P5", "P6", "P7", "P8"],
  },
  {
    name: "redo-skips-reused-pages",
    about: "a page that was free keeps what it held when it got new contents",
    edits: [
      {
        file: "engine/pages/redo.ts",
        anchor: "if (page !== undefined && page.lsn >= at) {",
        replacement: 'if (page !== undefined && (page.lsn >= at || page.node.kind === "free")) {',
      },
    ],
    expects: ["P1", "P3", "P5", "P6", "P7", "P8"],
  },
  {
    name: "clr-ends-the-undo",
    about: "after a crash during undo, what was not undone yet stays",
    edits: [
      {
        file: "engine/recovery/transaction-table.ts",
        anchor: "transaction.undoBelow = undoneLsn ?? transaction.undoBelow;",
        replacement:
          "transaction.undoBelow = undoneLsn === undefined ? transaction.undoBelow : transaction.beginLsn;",
      },
    ],
    expects: ["P2", "P3", "P4", "P6", "P7"],
  },
  {
    name: "undo-oldest-first",
    about: "a key that was changed twice gets the value in between back",
    edits: [
      {
        file: "engine/recovery/undo.ts",
        anchor: "  for await (const { record, lsn } of recordsBackward(stretch)) {",
        replacement: `  const all = [];
  for await (const located of recordsBackward(stretch)) {
    all.push(located);
  }
  for (const { record, lsn } of all.toReversed()) {`,
      },
      {
        file: "engine/recovery/undo.ts",
        anchor: `lsn < oldest) {
      break;`,
        replacement: `lsn < oldest) {
      continue;`,
      },
      {
        file: "engine/recovery/undo.ts",
        anchor: `      loser.undoBelow = lsn;
`,
        replacement: "",
      },
    ],
    expects: ["P2", "P3", "P4", "P6", "P7", "isolation"],
  },
  {
    name: "rollback-leaves-changes",
    about:
      "a transaction that was too large for memory is rolled back, and its changes stay (libdb 4)",
    edits: [
      {
        file: "engine/transactions/large-transactions.ts",
        anchor: `        await undo(loser);
`,
        replacement: "",
      },
    ],
    expects: ["P1", "P2", "P3", "P4", "P5", "P6", "isolation"],
  },
  {
    name: "stale-way-after-a-split",
    about: "a change goes to the page that held its key before a split",
    edits: [
      {
        file: "engine/pages/btree.ts",
        anchor:
          "return structures === this.#structures && page.node === leaf && leaf.changes === leafChanges;",
        replacement:
          "return structures > 0 || (page.node === leaf && leaf.changes === leafChanges);",
      },
    ],
    expects: ["P1", "P5", "P6", "P8", "isolation"],
  },
  {
    name: "stale-place-in-a-leaf",
    about: "the second change of a leaf goes where its key was before the first one",
    edits: [
      {
        file: "engine/pages/btree.ts",
        anchor:
          "return structures === this.#structures && page.node === leaf && leaf.changes === leafChanges;",
        replacement: "return structures === this.#structures && leafChanges <= leaf.changes;",
      },
    ],
    expects: ["P1", "P5", "P8", "isolation"],
  },
  {
    name: "spill-without-before-images",
    about: "what is in the pages before its commit cannot be taken back",
    edits: [
      {
        file: "engine/pages/logged-tree.ts",
        anchor: '{ kind: "put", transaction, page, key, old, value }',
        replacement: '{ kind: "put", transaction, page, key, old: undefined, value }',
      },
    ],
    expects: ["P1", "P2", "P3", "P4", "P5", "P6", "P7", "isolation"],
  },
  {
    name: "spilled-versions-not-kept",
    about: "snapshots see what a large transaction has not committed",
    edits: [
      {
        file: "engine/transactions/spill.ts",
        anchor: "        versions.add(key, storage.apply({ transaction, key, value }));",
        replacement: "        storage.apply({ transaction, key, value });",
      },
    ],
    expects: ["isolation", "P1", "P4", "P6"],
  },
  {
    name: "others-commit-over-a-spill",
    about: "others commit while a large transaction can still be taken back",
    edits: [
      {
        file: "engine/transactions/transaction-manager.ts",
        anchor: "if (this.#large.lock.isHeldFrom(spill?.holder)) {",
        replacement: "if (this.#large.lock === undefined) {",
      },
    ],
    expects: ["P1", "P2", "P3", "P4", "P5", "P8", "isolation"],
  },
];
