import type { Mutant } from "../mutant.ts";

/** Bugs of reading the log back, deciding about its end, and beginning anew. */
export const RECOVERY_MUTANTS: readonly Mutant[] = [
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
    name: "trim-not-durable",
    about: "new commits go behind a trim that a power cut can take back (kura #47)",
    edits: [
      {
        file: "engine/log/epoch-start.ts",
        anchor: "  await slot.file.sync();",
        replacement: "",
      },
    ],
    expects: ["P1", "P3", "P4", "P6", "P7", "P8"],
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
    name: "losers-not-undone",
    about: "records whose Commit was lost in the tail stay applied",
    edits: [
      {
        file: "engine/recovery/open-store.ts",
        anchor: "const losers = table.open;",
        replacement: "const losers: never[] = [];",
      },
    ],
    expects: ["P2", "P3", "P4", "P6", "P7"],
  },
  {
    name: "accepted-tail-not-made-durable",
    about: "recovery serves a tail that the next power cut takes back",
    edits: [
      {
        file: "engine/recovery/next-epoch.ts",
        anchor: "const tail = evidence.tail.filter((batch) => batch.endLsn <= content.lsn);",
        replacement: "const tail = evidence.tail.filter(() => false);",
      },
    ],
    expects: ["P1", "P6", "P7", "P8"],
  },
  {
    name: "tail-copied-and-not-synced",
    about:
      "the header that replaces the old log becomes durable before the tail that it vouches for",
    edits: [
      {
        file: "engine/log/epoch-start.ts",
        anchor: "  if (tailBytes > 0) {\n    await slot.file.datasync();\n  }",
        replacement: "",
      },
    ],
    expects: ["P1", "P6", "P7", "P8"],
    where: { aims: true, profile: "paranoid", weather: "crashes" },
  },
  {
    name: "clean-pages-trusted",
    about:
      "recovery syncs the tail it has read instead of writing it anew: after a failed sync nothing is written (PostgreSQL, ATC'20)",
    edits: [
      {
        file: "engine/recovery/open-store.ts",
        anchor: "const plan = planNextEpoch(examined, segmentFiles);",
        replacement:
          "const evidence = { ...examined.evidence, tail: [] };\n  const plan = planNextEpoch({ ...examined, evidence }, segmentFiles);",
      },
      {
        file: "engine/recovery/open-store.ts",
        anchor: "  const start = await doing(",
        replacement: `  for (const name of await platform.files.readDirectory(directory)) {
    if (name.endsWith(".log")) {
      const file = await platform.files.open(directory + "/" + name, "write");
      await doing("syncing the log", file.datasync());
      await file.close();
    }
  }
  const start = await doing(`,
      },
    ],
    expects: ["P1", "P6", "P7", "P8"],
    where: { weather: "errors" },
  },
  {
    name: "header-before-the-tail",
    about: "a segment takes over before what it takes over is in it",
    edits: [
      {
        file: "engine/log/epoch-start.ts",
        anchor:
          "  const checksum = await copyTail(plan, slot.file);\n  if (tailBytes > 0) {\n    await slot.file.datasync();\n  }\n",
        replacement: "",
      },
      {
        file: "engine/log/epoch-start.ts",
        anchor: "  const segment: ActiveSegment = {\n    ...slot,",
        replacement:
          "  const checksum = await copyTail(plan, slot.file);\n  await slot.file.datasync();\n  const segment: ActiveSegment = {\n    ...slot,",
      },
    ],
    expects: ["P1", "P6", "P7", "P8"],
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
    name: "clr-not-redone",
    about: "what undo restored is lost when the log is read again",
    edits: [
      {
        file: "engine/pages/redo.ts",
        anchor: `      case "clr":
        return this.#leafChange(
          { pageId: record.page, key: record.key, value: record.restored },
          at,
        );`,
        replacement: '      case "clr":\n        return undefined;',
      },
    ],
    expects: ["P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8"],
  },
  {
    name: "undo-not-logged",
    about:
      "a loser's changes are taken back in pages only: a crash before these are written redoes them",
    edits: [
      {
        file: "engine/pages/logged-tree.ts",
        anchor: '? { kind: "clr", transaction, page, key, restored: value, undoneLsn }',
        replacement: '? { kind: "open", commitNumber: 0 }',
      },
    ],
    expects: ["P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8"],
  },
  {
    name: "begins-serving-before-the-open-is-durable",
    about: "the files that were replaced are used again before the log says that they may",
    edits: [
      {
        file: "engine/recovery/open-store.ts",
        anchor: "recovering);\n  await log.sync();",
        replacement: "recovering);",
      },
    ],
    expects: ["P1", "P2", "P3", "P6", "P7", "P8"],
    where: {
      profile: "paranoid",
      weather: "crashes",
      strikes: [{ kind: "power", at: { call: "write", on: "log", nth: 40 } }],
      atOnce: true,
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
    expects: ["P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "P11"],
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
    name: "refusal-destroys-evidence",
    about:
      "a log that is refused for damage is cleaned up first, so that nothing can be mended any more",
    edits: [
      {
        file: "engine/recovery/open-store.ts",
        anchor: "const examined = await examineLog({ segmentFiles, load }, limits, logger);",
        replacement: `const examined = await examineLog({ segmentFiles, load }, limits, logger).catch(
    async (error: unknown) => {
      const last = segmentFiles.at(-1);
      if (last !== undefined) {
        await files.unlink(directory + "/" + last.name);
        await files.syncDirectory(directory);
      }
      throw error;
    },
  );`,
      },
    ],
    expects: ["P1", "P3", "P5", "P6", "P7", "P8"],
    where: { weather: "rot" },
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
