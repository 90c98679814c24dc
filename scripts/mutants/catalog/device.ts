import type { Mutant } from "../mutant.ts";

/** Bugs that only a device which does something else than it says brings out: weather "firmware". */
export const DEVICE_MUTANTS: readonly Mutant[] = [
  {
    name: "old-page-accepted",
    about: "a page whose write the device lost is read as it was before",
    edits: [
      {
        file: "engine/pages/page-file.ts",
        anchor: `      this.#written.accepts(pageId, bytes) &&
      (this.#settled === undefined || (await this.#settled.accepts(pageId, found.lsn)));`,
        replacement: "      bytes.length > 0;",
      },
    ],
    expects: ["P1", "P2", "P3", "P5", "P6", "P8", "isolation"],
    where: { weather: "firmware" },
  },
  {
    name: "old-page-accepted-by-the-next-open",
    about: "what the checkpoints took down of the pages is not compared with them",
    edits: [
      {
        file: "engine/pages/settled-pages.ts",
        anchor: "return pageLsn >= Math.min(known, this.#settledLsn);",
        replacement: "return true;",
      },
    ],
    expects: ["P1", "P2", "P3", "P5", "P6", "P7", "P8"],
    where: { weather: "firmware", profile: "paranoid" },
  },
  {
    name: "page-lsns-not-synced",
    about: "a checkpoint settles pages of which a power cut takes what tells old ones from them",
    edits: [
      {
        file: "engine/pages/settled-pages.ts",
        anchor: `        await this.#file.datasync();
`,
        replacement: "",
      },
    ],
    expects: ["P1", "P2", "P3", "P5", "P6", "P7", "P8"],
    where: { weather: "firmware", profile: "paranoid" },
  },
];
