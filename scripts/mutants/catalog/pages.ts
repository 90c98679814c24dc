import type { Mutant } from "../mutant.ts";

/** Bugs of pages, checkpoints and their recovery. */
export const PAGE_MUTANTS: readonly Mutant[] = [
  {
    name: "pages-overtake-the-log",
    about:
      "a page is written before the log is durable up to its last change: the write-ahead rule",
    edits: [
      {
        file: "engine/pages/page-cache.ts",
        anchor: `      await this.#log.durable(last);
      if (!this.#log.isDurable(last)) {`,
        replacement: "      if (last < 0) {",
      },
    ],
    expects: ["P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8"],
  },
  {
    name: "no-double-write",
    about: "a page that a power cut tears in place is whole nowhere",
    edits: [
      {
        file: "engine/pages/double-write.ts",
        anchor: "      await writeWhole(file, area, 0);\n",
        replacement: "",
      },
    ],
    expects: ["P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8"],
  },
  {
    name: "double-write-not-synced",
    about: "both copies of a page are under way when the power goes",
    edits: [
      {
        file: "engine/pages/double-write.ts",
        anchor: "      await file.datasync();\n",
        replacement: "",
      },
    ],
    expects: ["P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8"],
  },
  {
    name: "redo-of-what-is-there",
    about: "a record is repeated on a page that has later ones",
    edits: [
      {
        file: "engine/pages/redo.ts",
        anchor: `  if (page.lsn >= record) {
    return false;
  }
  const { node }`,
        replacement: "  const { node }",
      },
      {
        file: "engine/pages/redo.ts",
        anchor: `  cache.stamp(page, record);
  return true;`,
        replacement: `  if (page.lsn < record) {
    cache.stamp(page, record);
  }
  return true;`,
      },
    ],
    expects: ["P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8"],
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
    expects: ["P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8"],
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
    expects: ["P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8"],
  },
];
