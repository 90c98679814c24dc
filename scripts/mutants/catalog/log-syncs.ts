import type { Mutant } from "../mutant.ts";

/** Bugs of syncing the log, and of saying that it is durable. */
export const LOG_SYNC_MUTANTS: readonly Mutant[] = [
  {
    name: "acknowledged-before-sync",
    about: "commits that have to be synced are acknowledged once written",
    edits: [
      {
        file: "engine/log/commit-queue.ts",
        anchor: "const reached = progress[this.#level];",
        replacement:
          'const reached = progress[this.#level === "synced" ? "written" : this.#level];',
      },
    ],
    expects: ["P1"],
  },
  {
    name: "sync-credits-later-writes",
    about: "a sync is said to cover what was written while it ran (RocksDB #10560)",
    edits: [
      {
        file: "engine/log/segment-writer.ts",
        anchor: "this.#syncedLsn = target;",
        replacement: "this.#syncedLsn = this.#writtenLsn;",
      },
    ],
    expects: ["P1", "P2", "P3", "P6", "P7", "P8"],
  },
  {
    name: "waiters-resolved-after-a-failed-sync",
    about: "who waited for a sync that failed is told that it succeeded",
    edits: [
      {
        file: "engine/log/commit-queue.ts",
        anchor: "      waiter.reject(error);",
        replacement: "      waiter.resolve();",
      },
    ],
    expects: ["P10", "P1"],
  },
  {
    name: "sync-error-ignored",
    about: "a sync that failed counts as one that succeeded",
    edits: [
      {
        file: "engine/log/segment-writer.ts",
        anchor: "await segment.file.datasync();",
        replacement: "await segment.file.datasync().catch(() => {});",
      },
    ],
    expects: ["P1", "P8", "P10"],
  },
  {
    name: "failed-sync-retried",
    about:
      "a failed sync is tried again and believed, though the system calls the lost pages clean (fsyncgate)",
    edits: [
      {
        file: "engine/log/segment-writer.ts",
        anchor: "await segment.file.datasync();",
        replacement: "await segment.file.datasync().catch(() => segment.file.datasync());",
      },
    ],
    expects: ["P1", "P8", "P10"],
  },
  {
    name: "only-the-newest-segment-synced",
    about:
      "a full segment is left without a sync when the log goes on in the next (RocksDB #10560, GlusterFS)",
    edits: [
      {
        file: "engine/log/segment-writer.ts",
        anchor: "for (const segment of Array.from(this.#unsynced.keys())) {",
        replacement: "for (const segment of Array.from(this.#unsynced.keys()).slice(-1)) {",
      },
    ],
    expects: ["P1", "P3", "P5", "P8"],
  },
  {
    name: "segment-name-not-synced",
    about:
      "a power cut loses the name of a segment that holds acknowledged commits (Kafka-3968, ZooKeeper)",
    edits: [
      {
        file: "engine/log/segment-pool.ts",
        anchor: "      await files.syncDirectory(directory);",
        replacement: "",
      },
    ],
    expects: ["P1", "P3", "P8"],
  },
  {
    name: "timer-not-armed",
    about: "nobody wakes up to sync by time (a window of loss without an end)",
    edits: [
      {
        file: "engine/log/log-writer.ts",
        anchor: "    if (wakeAtMs !== undefined) {",
        replacement: "    if (wakeAtMs !== undefined && wakeAtMs < 0) {",
      },
    ],
    expects: ["P9", "P11"],
  },
  {
    name: "close-does-not-sync",
    about: "an orderly close makes nothing durable",
    edits: [
      {
        file: "engine/recovery/close-store.ts",
        anchor: "  await log.sync();\n  if (failed) {",
        replacement: "  if (failed) {",
      },
      {
        file: "engine/recovery/close-store.ts",
        anchor: "  await ifRoom(parts, () => parts.checkpointer.checkpoint());\n",
        replacement: "",
      },
      {
        file: "engine/recovery/close-store.ts",
        anchor: "commitNumber: lastCommit });\n    await log.sync();",
        replacement: "commitNumber: lastCommit });",
      },
    ],
    expects: ["P1", "P5", "P11"],
  },
  {
    name: "durable-commit-not-waited-for",
    about: "a commit that asks for a sync is acknowledged as if it had not",
    edits: [
      {
        file: "engine/log/commit-queue.ts",
        anchor: "if (endLsn <= (mustSync || hold ? progress.synced : reached)) {",
        replacement: "if (endLsn <= (hold ? progress.synced : reached)) {",
      },
    ],
    expects: ["P1"],
  },
  {
    name: "barrier-passes-what-is-written",
    about: "db.sync() resolves at once when everything is written, synced or not",
    edits: [
      {
        file: "engine/log/log-writer.ts",
        anchor: "    if (lsn <= this.syncedLsn) {",
        replacement: "    if (lsn <= this.#options.segments.writtenLsn) {",
      },
    ],
    expects: ["P1", "P5", "P7", "P8"],
  },
  {
    name: "close-record-not-synced",
    about: "an orderly close cannot be told from a crash: the next open has something to recover",
    edits: [
      {
        file: "engine/recovery/close-store.ts",
        anchor: "commitNumber: lastCommit });\n    await log.sync();",
        replacement: "commitNumber: lastCommit });",
      },
    ],
    expects: ["P5"],
  },
];
