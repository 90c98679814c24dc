import type { Mutant } from "../mutant.ts";

/** Bugs of redo, undo and beginning anew. */
export const RECOVERY_MUTANTS: readonly Mutant[] = [
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
];
