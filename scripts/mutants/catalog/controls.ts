import type { Mutant } from "../mutant.ts";

/** Changes that break no promise. A storm that calls one of them a bug cannot be believed. */
export const CONTROLS: readonly Mutant[] = [
  {
    name: "control-nothing-changed",
    about: "the engine itself, built as mutants are",
    edits: [
      {
        file: "engine/database.ts",
        anchor: "export class Database {",
        replacement: "export class Database {",
      },
    ],
    expects: [],
  },
  {
    name: "control-length-bound-removed",
    about: "a length beyond the segment: the payload's checksum refuses it too",
    edits: [
      {
        file: "engine/log/log-reader.ts",
        anchor: "if (header.payloadBytes > room - BATCH_HEADER_BYTES) {",
        replacement: "if (header.payloadBytes < 0) {",
      },
    ],
    expects: [],
  },
  {
    name: "control-log-synced-with-fsync",
    about: "more than datasync, which is enough",
    edits: [
      {
        file: "engine/log/segment-writer.ts",
        anchor: "await segment.file.datasync();",
        replacement: "await segment.file.sync();",
      },
    ],
    expects: [],
  },
  {
    name: "control-os-loses-a-suffix",
    about:
      "the os policy writes later than it could: a power cut takes more, which it never promised to keep",
    edits: [
      {
        file: "engine/log/sync-policies.ts",
        anchor: "      write: buffered.commits > 0,\n      sync: false,",
        replacement: "      write: buffered.commits > 0,\n      sync: buffered.commits < 0,",
      },
    ],
    expects: [],
  },
  {
    name: "control-empty-segments-counted-live",
    about: "a segment that begins where the next takes over holds nothing of the log",
    edits: [
      {
        file: "engine/log/segment-files.ts",
        anchor: "    if (header.baseLsn < limitLsn) {",
        replacement: "    if (header.baseLsn <= limitLsn) {",
      },
    ],
    expects: [],
  },
  {
    name: "control-undo-begins-again",
    about:
      "undo that a crash interrupted begins at the end again: putting back twice is putting back",
    edits: [
      {
        file: "engine/recovery/transaction-table.ts",
        anchor: "    transaction.undoBelow = undoneLsn ?? transaction.undoBelow;\n",
        replacement: "",
      },
    ],
    expects: [],
  },
  {
    name: "control-redo-point-too-early",
    about: "pages know which records they have: repeating from further back repeats nothing",
    edits: [
      {
        file: "engine/recovery/checkpointer.ts",
        anchor: "      redoLsn,\n      lastCommit",
        replacement: "      redoLsn: control.newest.redoLsn,\n      lastCommit",
      },
    ],
    expects: [],
  },
];
