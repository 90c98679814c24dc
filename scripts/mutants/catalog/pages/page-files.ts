import type { Mutant } from "../../mutant.ts";

/** Bugs of how pages get to the disk and back: cache, double-write, page file. */
export const PAGE_FILE_MUTANTS: readonly Mutant[] = [
  {
    name: "pages-overtake-the-log",
    about:
      "a page is written before the log is durable up to its last change: the write-ahead rule",
    edits: [
      {
        file: "engine/pages/dirty-pages.ts",
        anchor: `      await log.durable(last);
      if (!log.isDurable(last)) {`,
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
        anchor: `      await writeWhole(file, area, 0);
`,
        replacement: "",
      },
    ],
    expects: ["P6", "P8"],
    where: { profile: "paranoid", weather: "crashes" },
  },
  {
    name: "double-write-not-synced",
    about: "both copies of a page are under way when the power goes",
    edits: [
      {
        file: "engine/pages/double-write.ts",
        anchor: `      await file.datasync();
`,
        replacement: "",
      },
    ],
    expects: ["P5", "P6", "P8"],
    where: { profile: "paranoid", weather: "crashes" },
  },
  {
    name: "in-place-before-the-double-write",
    about: "pages are written in place first, and to the area behind that",
    edits: [
      {
        file: "engine/pages/double-write.ts",
        anchor: "      await this.#writeInPlace(images, await this.#writeArea(images));",
        replacement: `      const { pageBytes } = this.#pageFile;
      const pages = new Uint8Array(images.length * pageBytes);
      images.forEach((image, i) => pages.set(image.bytes, i * pageBytes));
      await this.#writeInPlace(images, pages);
      await this.#writeArea(images);`,
      },
    ],
    expects: ["P6", "P8"],
    where: { profile: "paranoid", weather: "crashes" },
  },
  {
    name: "double-write-area-over-itself",
    about: "one area for all batches: restoring from it writes over it",
    edits: [
      {
        file: "engine/pages/double-write.ts",
        anchor: "this.#areas[batchNumber % DOUBLE_WRITE_NAMES.length]",
        replacement: "this.#areas[0]",
      },
    ],
    expects: ["P6", "P8"],
    where: {
      profile: "paranoid",
      weather: "crashes",
      strikes: [
        { kind: "power", at: { call: "sync", on: "pages", nth: 5 } },
        { kind: "power", at: { call: "sync", on: "double-write", nth: 0 } },
      ],
    },
  },
  {
    name: "oldest-area-restored",
    about: "torn pages are looked for in the batch before the last",
    edits: [
      {
        file: "engine/pages/last-batch.ts",
        anchor: "(b.batchNumber > a.batchNumber ? b : a), NO_AREA);",
        replacement: "(a.images.length > 0 ? a : b), NO_AREA);",
      },
    ],
    expects: ["P6", "P8"],
    where: { aims: true, profile: "paranoid", weather: "crashes" },
  },
  {
    name: "torn-pages-not-restored",
    about: "recovery leaves a torn page as it is",
    edits: [
      {
        file: "engine/pages/double-write.ts",
        anchor: 'return found.kind !== "page" || found.lsn < image.lsn ||',
        replacement: 'return (found.kind === "page" && found.lsn < image.lsn) ||',
      },
      {
        file: "engine/pages/double-write.ts",
        anchor: "(found.lsn === image.lsn && !isSettled);",
        replacement: '(found.kind === "page" && found.lsn === image.lsn && !isSettled);',
      },
    ],
    expects: ["P6", "P8"],
    where: { aims: true, profile: "paranoid", weather: "crashes" },
  },
  {
    name: "visible-pages-trusted",
    about:
      "recovery takes a page that it can read for durable: after a failed sync it may be in the cache only",
    edits: [
      {
        file: "engine/pages/double-write.ts",
        anchor: " || (found.lsn === image.lsn && !isSettled)",
        replacement: "",
      },
    ],
    expects: ["P1", "P3", "P5", "P7", "P8"],
    where: { weather: "errors" },
  },
  {
    name: "pages-not-synced",
    about: "pages count as durable once they are written in place (libdb 7)",
    edits: [
      {
        file: "engine/pages/double-write.ts",
        anchor: `    await this.#pageFile.datasync();
`,
        replacement: "",
      },
    ],
    expects: ["P1", "P2", "P3", "P5", "P7", "P8"],
  },
  {
    name: "unwritten-pages-count-as-clean",
    about: "pages that could not be written are not tried again (libdb 3)",
    edits: [
      {
        file: "engine/pages/dirty-pages.ts",
        anchor: `      if (!written) {
        page.recoveryLsn`,
        replacement: `      if (pages.length < 0) {
        page.recoveryLsn`,
      },
    ],
    expects: ["P1", "P2", "P3", "P5", "P7", "P8", "isolation"],
    where: { weather: "errors" },
  },
  {
    name: "page-checksum-not-checked",
    about: "a rotten page counts as whole (libdb 2)",
    edits: [
      {
        file: "engine/pages/page-format.ts",
        anchor: "|| crc32(bytes.subarray(4)) !== getUint32(bytes, 0)) {",
        replacement: "|| isAllZero(bytes)) {",
      },
    ],
    expects: ["P5", "P6", "P8", "P12"],
    where: { weather: "rot" },
  },
  {
    name: "page-of-another-place-accepted",
    about: "a page need not say that it belongs where it was found",
    edits: [
      {
        file: "engine/pages/page-format.ts",
        anchor: "if (pageId !== expected.pageId || storeId !== expected.storeId) {",
        replacement: "if (pageId < 0) {",
      },
    ],
    expects: ["P5", "P6", "P8", "P12", "isolation"],
    where: { weather: "firmware" },
  },
  {
    name: "pages-ahead-of-the-log-accepted",
    about: "a log that ends before the last change of some page counts as whole",
    edits: [
      {
        file: "engine/recovery/examine-log.ts",
        anchor: " || evidence.nextLsn <= pagesLsn",
        replacement: "",
      },
    ],
    expects: ["P1", "P3", "P5", "P6", "P7", "P8"],
    where: { weather: "rot" },
  },
  {
    name: "dirty-page-evicted",
    about: "a page leaves the cache, and its changes with it",
    edits: [
      {
        file: "engine/pages/page-cache.ts",
        anchor: "page.recoveryLsn === undefined && page.writingSince",
        replacement: "page.writingSince",
      },
    ],
    expects: ["P1", "P5", "P8", "isolation"],
  },
  {
    name: "page-evicted-while-it-is-written",
    about: "a page is read from the disk while its changes are on their way there",
    edits: [
      {
        file: "engine/pages/page-cache.ts",
        anchor: "page.recoveryLsn === undefined && page.writingSince === undefined &&",
        replacement: "page.recoveryLsn === undefined &&",
      },
    ],
    expects: ["P1", "P2", "P5", "P8", "isolation"],
  },
  {
    name: "pinned-page-evicted",
    about: "a page goes away between its preparation and its change",
    edits: [
      {
        file: "engine/pages/page-cache.ts",
        anchor: " && !this.#pins.has(page.id)",
        replacement: "",
      },
    ],
    expects: ["P5", "P8", "P11"],
  },
];
