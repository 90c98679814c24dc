import type { Mutant } from "../../mutant.ts";

/** Bugs of checkpoints: the control file, the redo point, the log that is kept for them. */
export const CHECKPOINT_MUTANTS: readonly Mutant[] = [
  {
    name: "checkpoint-before-its-pages",
    about: "a checkpoint is in the control file before its pages are on the disk",
    edits: [
      {
        file: "engine/recovery/checkpointer.ts",
        anchor: `    await storage.flush(from);
    await log.sync();`,
        replacement: "    await log.sync();",
      },
      {
        file: "engine/recovery/checkpointer.ts",
        anchor: "storage.redoLsn ?? log.endLsn;",
        replacement: "log.endLsn;",
      },
      {
        file: "engine/recovery/checkpointer.ts",
        anchor: "    this.checkpoints += 1;",
        replacement: `    await storage.flush(from);
    this.checkpoints += 1;`,
      },
    ],
    expects: ["P1", "P2", "P3", "P5", "P7", "P8"],
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
    expects: ["P1", "P2", "P3", "P5", "P7", "P8"],
  },
  {
    name: "pages-being-written-count-as-durable",
    about: "the dirty page table forgets pages that are on their way to the disk",
    edits: [
      {
        file: "engine/pages/dirty-pages.ts",
        anchor: "const since = writingSince ?? recoveryLsn;",
        replacement: "const since = recoveryLsn;",
      },
    ],
    expects: ["P1", "P2", "P3", "P5", "P7", "P8"],
    where: { weather: "crashes", slow: "double-write", aims: true },
  },
  {
    name: "restart-inside-a-transaction",
    about:
      "a checkpoint forgets the transactions that are open: recovery begins to read in the middle of one",
    edits: [
      {
        file: "engine/log/wal-manager.ts",
        anchor: "const restart = this.#openTransactions === 0 ? this.#lastCommit : undefined;",
        replacement: "const restart = this.#lastCommit;",
      },
      {
        file: "engine/log/wal-manager.ts",
        anchor: "this.endLsn === durable && this.#openTransactions === 0;",
        replacement: "this.endLsn === durable;",
      },
    ],
    expects: ["P2", "P4", "P8"],
  },
  {
    name: "checkpoint-does-not-sync-the-log",
    about: "a checkpoint leaves commits behind the last change of a page in memory (Turso #8101)",
    edits: [
      {
        file: "engine/recovery/checkpointer.ts",
        anchor: `    await storage.flush(from);
    await log.sync();`,
        replacement: "    await storage.flush(from);",
      },
    ],
    expects: ["P1", "P3", "P5", "P8"],
    where: { policy: "os" },
  },
  {
    name: "log-recycled-when-a-checkpoint-begins",
    about: "log is written over that pages which are still dirty need (Turso #4467)",
    edits: [
      {
        file: "engine/recovery/checkpointer.ts",
        anchor: "log.recycle(control.keepFrom);",
        replacement: "log.recycle(from);",
      },
    ],
    expects: ["P1", "P3", "P5", "P7", "P8"],
  },
  {
    name: "log-recycled-before-the-control-file",
    about: "log is written over while the control file still says that recovery begins there",
    edits: [
      {
        file: "engine/recovery/checkpointer.ts",
        anchor: "    await control.write({",
        replacement: `    log.recycle(point.lsn);
    await control.write({`,
      },
    ],
    expects: ["P5", "P8"],
    where: {
      weather: "crashes",
      slow: "control",
      strikes: [{ kind: "power", at: { call: "sync", on: "control", nth: 3 } }],
    },
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
    expects: ["P5", "P8"],
  },
  {
    name: "control-slot-written-over-the-newest",
    about: "there is one slot: while it is written, there is none",
    edits: [
      {
        file: "engine/recovery/control-file.ts",
        anchor: "(control.sequence % 2) * SLOT_STRIDE",
        replacement: "0",
      },
    ],
    expects: ["P5", "P8"],
    where: { aims: true, profile: "paranoid", weather: "crashes" },
  },
  {
    name: "control-slots-share-a-sector",
    about: "the sector that holds both slots is damaged when one of them is written",
    edits: [
      {
        file: "engine/recovery/control-file.ts",
        anchor: "const SLOT_STRIDE = 65_536;",
        replacement: "const SLOT_STRIDE = 128;",
      },
      {
        file: "engine/recovery/control-file.ts",
        anchor: "const SLOT_BYTES = 4096;",
        replacement: "const SLOT_BYTES = 128;",
      },
    ],
    expects: ["P8"],
    where: { profile: "paranoid", weather: "crashes" },
  },
  {
    name: "control-slot-not-checked",
    about: "a torn or rotten slot counts as whole",
    edits: [
      {
        file: "engine/recovery/control-format.ts",
        anchor: "crc32(bytes.subarray(12)) === getUint32(bytes, 8)",
        replacement: "bytes.length > 0",
      },
    ],
    expects: ["P1", "P3", "P4", "P6", "P8"],
    where: { weather: "rot" },
  },
  {
    name: "older-control-slot-wins",
    about: "recovery begins where the checkpoint before the last said",
    edits: [
      {
        file: "engine/recovery/control-file.ts",
        anchor: "b.sequence - a.sequence",
        replacement: "a.sequence - b.sequence",
      },
    ],
    expects: ["P5", "P8"],
  },
  {
    name: "control-file-not-synced",
    about: "a control file gets its name before its contents are durable",
    edits: [
      {
        file: "engine/recovery/control-file.ts",
        anchor: `        await file.sync();
`,
        replacement: "",
      },
    ],
    expects: ["P8"],
    where: { profile: "paranoid", weather: "crashes" },
  },
  {
    name: "control-slot-not-synced",
    about: "a checkpoint lets go of the log before its slot is durable (LevelDB, RocksDB #10573)",
    edits: [
      {
        file: "engine/recovery/control-file.ts",
        anchor: `await writeSlot(this.#file, control);
      await this.#file.datasync();`,
        replacement: "await writeSlot(this.#file, control);",
      },
    ],
    expects: ["P1", "P8"],
  },
  {
    name: "newest-slot-not-written-anew",
    about: "an open relies on a slot that only the cache of the system has",
    edits: [
      {
        file: "engine/recovery/control-file.ts",
        anchor: `        await writeSlot(file, control);
        await file.datasync();
`,
        replacement: "",
      },
    ],
    expects: ["P8"],
    where: { failing: "control", profile: "paranoid", weather: "errors" },
  },
];
