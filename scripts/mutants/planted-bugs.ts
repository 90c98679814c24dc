import type { Mutant } from "./mutant.ts";

/** Bugs of the log that other stores have had. */
export const PLANTED_LOG_BUGS: readonly Mutant[] = [
  {
    name: "checksum-not-checked",
    about: "a batch with a torn payload is taken for whole",
    edits: [
      {
        file: "engine/log/batch-format.ts",
        anchor:
          "payload.length === header.payloadBytes && crc32(payload) === header.payloadChecksum",
        replacement: "payload.length === header.payloadBytes",
      },
    ],
  },
  {
    name: "losers-not-undone",
    about: "records whose Commit was lost in the tail stay applied",
    edits: [
      {
        file: "engine/recovery/open-store.ts",
        anchor: "const losers = table.open;",
        replacement: "const losers: never[] = [];",
      },
    ],
  },
];

/** Bugs of pages, checkpoints and their recovery. */
export const PLANTED_PAGE_BUGS: readonly Mutant[] = [
  {
    name: "pages-overtake-the-log",
    about:
      "a page is written before the log is durable up to its last change: the write-ahead rule",
    edits: [
      {
        file: "engine/pages/page-cache.ts",
        anchor: `      await this.#log.durable(last);
      if (!this.#log.isDurable(last)) {`,
        replacement: "      if (last < 0) {",
      },
    ],
  },
  {
    name: "no-double-write",
    about: "a page that a power cut tears in place is whole nowhere",
    edits: [
      {
        file: "engine/pages/double-write.ts",
        anchor: "      await writeWhole(file, area, 0);\n",
        replacement: "",
      },
    ],
  },
  {
    name: "double-write-not-synced",
    about: "both copies of a page are under way when the power goes",
    edits: [
      {
        file: "engine/pages/double-write.ts",
        anchor: "      await file.datasync();\n",
        replacement: "",
      },
    ],
  },
  {
    name: "redo-of-what-is-there",
    about: "a record is repeated on a page that has later ones",
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
  },
  {
    name: "redo-point-too-late",
    about: "a checkpoint forgets that pages which were changed meanwhile are still dirty",
    edits: [
      {
        file: "engine/recovery/checkpointer.ts",
        anchor: "storage.redoLsn ?? log.endLsn;",
        replacement: "log.endLsn;",
      },
    ],
  },
  {
    name: "undo-not-logged",
    about:
      "a loser's changes are taken back in pages only: a crash before these are written redoes them",
    edits: [
      {
        file: "engine/pages/storage-manager.ts",
        anchor: '? { kind: "clr", transaction, page, key, restored: value, undoneLsn }',
        replacement: '? { kind: "open", commitNumber: 0 }',
      },
    ],
  },
  {
    name: "log-kept-for-one-slot",
    about: "the log that the older slot of the control file needs is written over",
    edits: [
      {
        file: "engine/recovery/control-file.ts",
        anchor: "return lsn(Math.min(this.#newest.startLsn, this.#other?.startLsn ?? 0));",
        replacement: "return this.#newest.startLsn;",
      },
    ],
  },
];

/** Bugs that only a device which does something else than it says brings out: weather "firmware". */
export const PLANTED_DEVICE_BUGS: readonly Mutant[] = [
  {
    name: "old-page-accepted",
    about: "a page whose write the device lost is read as it was before",
    edits: [
      {
        file: "engine/pages/page-file.ts",
        anchor: 'found.kind === "page" && !this.#written.accepts(pageId, bytes)',
        replacement: 'found.kind === "page" && bytes.length === 0',
      },
    ],
  },
];

/** Bugs of isolation: each commit by itself is whole and durable, and together they are wrong. */
export const PLANTED_ISOLATION_BUGS: readonly Mutant[] = [
  {
    name: "write-skew",
    about: "a serializable transaction is checked for what it wrote, not for what it read",
    edits: [
      {
        file: "engine/transactions/conflict-check.ts",
        anchor: `        first(reads.keys, (key) => changeOf(key, snapshot, changes)) ??
        first(reads.ranges, (range) => changeIn(range, snapshot, changes))`,
        replacement: "        first(writes.keys(), (key) => changeOf(key, snapshot, changes))",
      },
    ],
  },
  {
    name: "phantoms",
    about: "of what a serializable transaction read, keys are checked and ranges are not",
    edits: [
      {
        file: "engine/transactions/conflict-check.ts",
        anchor: `        first(reads.keys, (key) => changeOf(key, snapshot, changes)) ??
        first(reads.ranges, (range) => changeIn(range, snapshot, changes))`,
        replacement: "        first(reads.keys, (key) => changeOf(key, snapshot, changes))",
      },
    ],
  },
  {
    name: "lost-update",
    about: "at snapshot isolation the second of two that wrote the same key commits, too",
    edits: [
      {
        file: "engine/transactions/conflict-check.ts",
        anchor: "      return first(writes.keys(), (key) => changeOf(key, snapshot, changes));",
        replacement: "      return undefined;",
      },
    ],
  },
  {
    name: "moving-snapshot",
    about: "a read of a snapshot sees what was committed after the snapshot was taken",
    edits: [
      {
        file: "engine/transactions/transaction.ts",
        anchor: 'this.isolation === "read-committed" ? manager.visibleCommit : this.snapshot;',
        replacement: "manager.visibleCommit;",
      },
    ],
  },
  {
    name: "frozen-read-committed",
    about: "at read-committed a transaction goes on seeing the state that it began with",
    edits: [
      {
        file: "engine/transactions/transaction.ts",
        anchor: 'this.isolation === "read-committed" ? manager.visibleCommit : this.snapshot;',
        replacement: "this.snapshot;",
      },
    ],
  },
];
