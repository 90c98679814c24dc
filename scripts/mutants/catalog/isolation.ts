import type { Mutant } from "../mutant.ts";

/** Bugs of isolation: each commit by itself is whole and durable, and together they are wrong. */
export const ISOLATION_MUTANTS: readonly Mutant[] = [
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
    expects: ["isolation", "P5"],
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
    expects: ["isolation"],
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
    expects: ["isolation"],
  },
  {
    name: "not-in-memory-taken-for-absent",
    about: "a read at once of a key whose page is not in memory says that there is no such key",
    edits: [
      {
        file: "engine/database.ts",
        anchor: "      return NOT_CACHED;",
        replacement: "      return undefined;",
      },
    ],
    expects: ["isolation"],
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
    expects: ["isolation"],
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
    expects: ["isolation"],
  },
];
