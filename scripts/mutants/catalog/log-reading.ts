import type { Mutant } from "../mutant.ts";

/** Bugs of reading the log back and deciding about its end. */
export const LOG_READING_MUTANTS: readonly Mutant[] = [
  {
    name: "rot-taken-for-the-end",
    about: "damage below what is known durable ends the log, silently (the CORDS class)",
    edits: [
      {
        file: "engine/log/tail-decision.ts",
        anchor: 'return "refuse";',
        replacement: 'return "trim";',
      },
    ],
    expects: ["P1", "P6", "P7"],
    where: { weather: "rot" },
  },
  {
    name: "bad-batch-skipped",
    about: "recovery goes on behind a batch that it cannot read",
    edits: [
      {
        file: "engine/log/log-reader.ts",
        anchor: `    if (step.kind === "rejected") {
      return step.because;
    }`,
        replacement: `    if (step.kind === "rejected" && step.because !== "bad payload checksum") {
      return step.because;
    }
    if (step.kind === "rejected") {
      cursor.lsn = toLsn(cursor.lsn + header.sectorBytes);
      continue;
    }`,
      },
      {
        file: "engine/log/log-reader.ts",
        anchor: "  if (header.previousChecksum !== cursor.checksum) {",
        replacement: "  if (header.previousChecksum < 0) {",
      },
      {
        // Or an old position would lead back, for ever.
        file: "engine/log/log-reader.ts",
        anchor: "const endLsn = toLsn(header.lsn + batchBytes(",
        replacement: "const endLsn = toLsn(cursor.lsn + batchBytes(",
      },
    ],
    expects: ["P1", "P2", "P3", "P6", "P7", "P8"],
  },
  {
    name: "read-error-taken-for-the-end",
    about: "an unreadable sector ends the log instead of the open",
    edits: [
      {
        file: "engine/log/segment-files.ts",
        anchor: "await readWhole(file, bytes, 0);\n    return bytes.subarray(0, read);",
        replacement:
          "await readWhole(file, bytes, 0).catch(() => 0);\n    return read < 0 ? bytes.subarray(1) : bytes;",
      },
    ],
    expects: ["P1", "P6", "P7", "P8"],
    where: { weather: "errors" },
  },
  {
    name: "evidence-beyond-the-end-ignored",
    about: "nobody looks behind the first bad batch for what says that it was durable",
    edits: [
      {
        file: "engine/log/log-reader.ts",
        anchor:
          "const batchesBeyondEnd = await lookBeyond({ segments, segmentFiles, load }, beyond, cursor);",
        replacement:
          "const batchesBeyondEnd = beyond.index < 0 ? await lookBeyond({ segments, segmentFiles, load }, beyond, cursor) : 0;",
      },
    ],
    expects: ["P1", "P6", "P7"],
    where: { weather: "rot" },
  },
  {
    name: "earlier-laps-accepted",
    about:
      "what an earlier use of the file left is taken for the log (RocksDB #12918; the reason for SQLite's salts)",
    edits: [
      {
        file: "engine/log/log-reader.ts",
        anchor: "if (!belongs(header, segment) || header.lsn !== cursor.lsn) {",
        replacement: "if (header.storeId !== segment.header.storeId % 0x1_0000_0000) {",
      },
      {
        file: "engine/log/log-reader.ts",
        anchor: "  if (header.previousChecksum !== cursor.checksum) {",
        replacement: "  if (header.previousChecksum < 0) {",
      },
    ],
    expects: ["P3", "P4", "P5", "P6", "P7", "P8"],
  },
  {
    name: "damaged-header-taken-for-a-new-store",
    about:
      "a store whose first header cannot be read is made anew, and all its commits with it (Turso #8103)",
    edits: [
      {
        file: "engine/recovery/new-store.ts",
        anchor: 'if (readBatchHeader(bytes.subarray(offset, offset + 64)).kind === "header") {',
        replacement:
          'if (offset < 0 && readBatchHeader(bytes.subarray(offset, offset + 64)).kind === "header") {',
      },
    ],
    expects: ["P1", "P6", "P8"],
    where: {
      weather: "rot",
      short: true,
      strikes: [{ kind: "process", at: { call: "sync", on: "log", nth: 12 } }],
    },
  },
  {
    name: "header-of-a-batch-not-checked",
    about: "the checksum of a batch leaves out its header, and with it the length (mutant zoo 14)",
    edits: [
      {
        file: "engine/log/batch-format.ts",
        anchor: "if (crc32(bytes.subarray(8, BATCH_HEADER_BYTES)) !== headerChecksum) {",
        replacement: "if (bytes.length < 8) {",
      },
    ],
    expects: ["P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "P11", "P12"],
    where: { weather: "rot" },
  },
  {
    name: "header-of-a-segment-not-checked",
    about: "a flipped bit in the header of a segment moves the log",
    edits: [
      {
        file: "engine/log/segment-format.ts",
        anchor: "crc32(bytes.subarray(12, SEGMENT_HEADER_BYTES)) === getUint32(bytes, 8);",
        replacement: "bytes.length > 0;",
      },
    ],
    expects: ["P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "P11"],
    where: { weather: "rot" },
  },
  {
    name: "zeros-taken-for-empty-batches",
    about:
      "zeros are batches without records: what was lost between two batches goes unseen (etcd)",
    edits: [
      {
        file: "engine/log/log-reader.ts",
        anchor: `    if (step.kind === "rejected") {
      return step.because;
    }`,
        replacement: `    if (step.kind === "rejected" && step.because !== "zeros") {
      return step.because;
    }
    if (step.kind === "rejected") {
      cursor.lsn = toLsn(cursor.lsn + segment.header.sectorBytes);
      continue;
    }`,
      },
      {
        file: "engine/log/log-reader.ts",
        anchor: "  if (header.previousChecksum !== cursor.checksum) {",
        replacement: "  if (header.previousChecksum < 0) {",
      },
    ],
    expects: ["P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8"],
  },
  {
    name: "positions-in-too-few-bits",
    about: "a position of the log wraps, here beyond 2^18, where bitwise operators wrap at 2^31",
    edits: [
      {
        file: "engine/log/batch-format.ts",
        anchor: "putUint64(target, 16, stamp.lsn);",
        replacement: "putUint64(target, 16, stamp.lsn % 0x4_0000);",
      },
    ],
    expects: ["P1", "P2", "P3", "P5", "P6", "P7", "P8"],
  },
];
