import type { Mutant } from "../mutant.ts";

/** Bugs of what is written to the log, where, and when it counts as written. */
export const LOG_WRITE_MUTANTS: readonly Mutant[] = [
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
    name: "short-write-taken-for-whole",
    about: "the rest of a short write is never written",
    edits: [
      {
        file: "engine/platform/whole-io.ts",
        anchor: "    done += written;",
        replacement: "    done = source.length;",
      },
    ],
    expects: ["P1", "P2", "P3", "P5", "P6", "P8"],
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
      policy: "batch",
      weather: "crashes",
      short: true,
      // A crash in each of two opens, and a power cut that takes back a header.
      strikes: [
        { kind: "process", at: { call: "sync", on: "log", nth: 8 } },
        { kind: "process", at: { call: "sync", on: "log", nth: 1 } },
        { kind: "power", at: { call: "sync", on: "log", nth: 1 } },
      ],
    },
  },
  {
    name: "room-for-a-group-miscounted",
    about: "a segment is made without room for its own header",
    edits: [
      {
        file: "engine/log/log-buffer.ts",
        anchor: "return this.#options.sectorBytes + this.#footprint(groupBytes) + this.#keptBytes;",
        replacement: "return this.#footprint(groupBytes);",
      },
    ],
    expects: ["P1", "P2", "P3", "P5", "P6", "P8", "P11"],
  },
];
