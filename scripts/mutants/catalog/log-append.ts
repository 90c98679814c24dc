import type { Mutant } from "../mutant.ts";

/** Bugs of writing and syncing the log. */
export const LOG_APPEND_MUTANTS: readonly Mutant[] = [
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
    name: "written-before-the-write-ends",
    about:
      "a sync may begin beside a write that it is then said to cover: the thread pool has no order",
    edits: [
      {
        file: "engine/log/segment-writer.ts",
        anchor: `    await writeWhole(segment.file, bytes, segment.baseOffset + (lsn - segment.baseLsn));
    this.#writtenLsn = endLsn;
    this.#unsyncedBytes += bytes.length;`,
        replacement: `    this.#writtenLsn = endLsn;
    this.#unsyncedBytes += bytes.length;
    await writeWhole(segment.file, bytes, segment.baseOffset + (lsn - segment.baseLsn));`,
      },
    ],
    expects: ["P1", "P3", "P8", "P10"],
  },
  {
    name: "a-write-is-given-one-sync-to-end",
    about:
      "nobody waits for a write: the log is synced twice, and no write takes as long as the first sync",
    edits: [
      {
        file: "engine/log/segment-writer.ts",
        anchor: `    await writeWhole(segment.file, bytes, segment.baseOffset + (lsn - segment.baseLsn));
`,
        replacement: `    writeWhole(segment.file, bytes, segment.baseOffset + (lsn - segment.baseLsn)).catch(() => {
      this.stop();
    });
`,
      },
      {
        file: "engine/log/segment-writer.ts",
        anchor: `      await segment.file.datasync();
    }
    this.#syncedLsn = target;`,
        replacement: `      await segment.file.datasync();
      await segment.file.datasync();
    }
    this.#syncedLsn = target;`,
      },
    ],
    expects: ["P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "P10", "P11"],
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
    name: "short-write-taken-for-whole",
    about: "the rest of a short write is never written",
    edits: [
      {
        file: "engine/platform/whole-io.ts",
        anchor: "    done += written;",
        replacement: "    done = source.length;",
      },
    ],
    expects: ["P1", "P2", "P3", "P6", "P8"],
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
    name: "goes-on-behind-a-failed-write",
    about: "after a failed append the next batch is written behind the partial bytes",
    edits: [
      {
        file: "engine/log/segment-writer.ts",
        anchor:
          "await writeWhole(segment.file, bytes, segment.baseOffset + (lsn - segment.baseLsn));",
        replacement:
          "await writeWhole(segment.file, bytes, segment.baseOffset + (lsn - segment.baseLsn)).catch(() => {});",
      },
    ],
    expects: ["P1", "P2", "P3", "P8"],
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
    expects: ["P1", "P3", "P8"],
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
    name: "header-counts-what-is-not-allocated",
    about:
      "segments are not allocated before their names are durable: their size is not either (LMDB, redb)",
    edits: [
      {
        file: "engine/log/segment-pool.ts",
        anchor: "      await file.sync();",
        replacement: "",
      },
    ],
    expects: ["P1", "P3", "P6", "P8"],
    where: { profile: "paranoid", weather: "crashes", short: true, afterAnother: true },
  },
  {
    name: "payload-not-checked",
    about: "the marker of a commit is there and its payload is not, and no checksum covers both",
    edits: [
      {
        file: "engine/log/batch-format.ts",
        anchor:
          "payload.length === header.payloadBytes && crc32(payload) === header.payloadChecksum",
        replacement: "payload.length === header.payloadBytes",
      },
    ],
    expects: ["P2", "P3", "P5", "P6", "P8"],
  },
  {
    name: "buffer-reused-in-flight",
    about: "the bytes of a batch are used for the next one while they are being written",
    edits: [
      {
        file: "engine/log/log-buffer.ts",
        anchor: "    return this.#sealed.shift();",
        replacement: `    const taken = this.#sealed.shift();
    if (taken !== undefined) {
      this.#recycle(new Uint8Array(taken.bytes.buffer));
    }
    return taken;`,
      },
    ],
    expects: ["P1", "P2", "P3", "P5", "P6", "P8"],
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
        anchor: "  await checkpointIfRoom(parts);\n",
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
    name: "stamps-run-ahead",
    about:
      "a batch says of itself that it is durable, so that a torn one behind it is taken for rot",
    edits: [
      {
        file: "engine/log/segment-writer.ts",
        anchor: "      lsn,\n      durableLsn: this.#syncedLsn,",
        replacement: "      lsn,\n      durableLsn: lsn,",
      },
    ],
    expects: ["P8"],
  },
  {
    name: "stamps-stay-behind",
    about: "batches never say how far the log is durable, so that rot is taken for a torn tail",
    edits: [
      {
        file: "engine/log/segment-writer.ts",
        anchor: "      lsn,\n      durableLsn: this.#syncedLsn,",
        replacement: "      lsn,\n      durableLsn: toLsn(0),",
      },
    ],
    expects: ["P1", "P6", "P7", "P8"],
  },
  {
    name: "reused-before-it-is-replaced",
    about: "files whose replacement is not known durable are written over at once",
    edits: [
      {
        file: "engine/log/segment-files.ts",
        anchor: "({ header }) => settledLsn > header.baseLsn && settledLsn >= header.resumeLsn,",
        replacement: "() => settledLsn >= 0,",
      },
    ],
    expects: ["P1", "P3", "P6", "P7", "P8"],
    where: {
      profile: "paranoid",
      policy: "sync",
      weather: "crashes",
      short: true,
      strikes: [
        { kind: "process", at: { call: "write", on: "log", nth: 20 } },
        { kind: "process", at: { call: "sync", on: "log", nth: 3 } },
        { kind: "power", at: { call: "sync", on: "log", nth: 3 } },
      ],
    },
    escapes:
      "takes a crash in each of two opens and a power cut that takes back a header: properties/what-may-still-be-the-log-is-not-written-over.test.ts misses it",
  },
  {
    name: "room-for-a-group-miscounted",
    about: "a segment is made without room for its own header",
    edits: [
      {
        file: "engine/log/log-buffer.ts",
        anchor: "return this.#options.sectorBytes + this.#footprint(groupBytes);",
        replacement: "return this.#footprint(groupBytes);",
      },
    ],
    expects: ["P1", "P2", "P3", "P5", "P6", "P8", "P11"],
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
