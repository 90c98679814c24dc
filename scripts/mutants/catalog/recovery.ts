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
    name: "positions-used-again",
    about: "after a trim the log goes on at the position of what was trimmed",
    edits: [
      {
        file: "engine/recovery/next-epoch.ts",
        anchor: "resumeLsn: resumeAfter(evidence.nextLsn, fileBytes, evidence.sectorBytes),",
        replacement: "resumeLsn: content.lsn,",
      },
    ],
    expects: ["P1", "P3", "P4", "P5", "P6", "P7", "P8"],
    escapes:
      "epochs, and the checksum of the batch before, tell the two apart as well: see earlier-laps-accepted",
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
    where: { profile: "paranoid", weather: "crashes" },
    escapes:
      "none of 200 seeds since the engine has pages; properties/what-may-still-be-the-log-is-not-written-over.test.ts misses it",
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
    where: { weather: "rot" },
    escapes: "none of 200 seeds with rot since the engine has pages: not looked into yet",
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
        file: "engine/pages/storage-manager.ts",
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
    escapes:
      "takes a crash in each of two opens and a power cut that takes back the header between: tests of a transaction cut short miss it",
  },
];
