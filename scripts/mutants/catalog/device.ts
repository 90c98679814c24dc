import type { Mutant } from "../mutant.ts";

/** Bugs that only a device which does something else than it says brings out: weather "firmware". */
export const DEVICE_MUTANTS: readonly Mutant[] = [
  {
    name: "old-page-accepted",
    about: "a page whose write the device lost is read as it was before",
    edits: [
      {
        file: "engine/pages/page-file.ts",
        anchor: 'found.kind === "page" && !this.#written.accepts(pageId, bytes)',
        replacement: 'found.kind === "page" && bytes.length === 0',
      },
    ],
    expects: ["P1", "P2", "P3", "P5", "P6", "P8"],
    where: { weather: "firmware" },
  },
];
