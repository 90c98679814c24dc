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
    about:
      "pages know which records they have: repeating from further back repeats nothing. Not on a device that loses writes: up to the redo point all pages are known to be on the disk, and older ones refused",
    edits: [
      {
        file: "engine/recovery/checkpointer.ts",
        anchor: "      redoLsn,\n      lastCommit",
        replacement: "      redoLsn: control.newest.redoLsn,\n      lastCommit",
      },
    ],
    expects: [],
    where: { weather: "crashes" },
  },
  {
    name: "control-positions-used-again",
    about:
      "after a trim the log goes on at the position of what was trimmed: its epoch, and the checksum of the batch before, tell the two apart as well",
    edits: [
      {
        file: "engine/recovery/next-epoch.ts",
        anchor: "resumeLsn: resumeAfter(evidence.nextLsn, fileBytes, evidence.sectorBytes),",
        replacement: "resumeLsn: content.lsn,",
      },
    ],
    expects: [],
  },
  {
    name: "control-epoch-not-raised",
    about:
      "what was written before a crash has the epoch of what is written after it: positions never come back, and each batch names the checksum of the one before",
    edits: [
      {
        file: "engine/recovery/next-epoch.ts",
        anchor: "epoch: Math.max(...epochs) + hidden + 1,",
        replacement: "epoch: Math.max(...epochs),",
      },
    ],
    expects: [],
  },
  {
    name: "control-shortened-file-not-synced",
    about:
      "the end of a file that was shortened may come back: it takes room, and nobody looks for pages there",
    edits: [
      {
        file: "engine/pages/page-file.ts",
        anchor: `      await this.#file.truncate(bytes);
      await this.#file.sync();`,
        replacement: "      await this.#file.truncate(bytes);",
      },
    ],
    expects: [],
  },
  {
    name: "control-one-bit-repair",
    about:
      "a single flipped bit of a small batch is repaired by 32 bits of checksum: right but for one torn batch in millions. With two copies it would have to mend the damaged one",
    edits: [
      {
        file: "engine/log/batch-format.ts",
        anchor:
          "return payload.length === header.payloadBytes && crc32(payload) === header.payloadChecksum;",
        replacement: `if (payload.length !== header.payloadBytes) {
    return false;
  }
  for (let bit = -1; bit < Math.min(payload.length, 512) * 8; bit += 1) {
    const mask = 1 << (bit & 7);
    if (bit >= 0) {
      payload[bit >> 3] = (payload[bit >> 3] ?? 0) ^ mask;
    }
    if (crc32(payload) === header.payloadChecksum) {
      return true;
    }
    if (bit >= 0) {
      payload[bit >> 3] = (payload[bit >> 3] ?? 0) ^ mask;
    }
  }
  return false;`,
      },
    ],
    expects: [],
    where: { copies: 1 },
  },
];
