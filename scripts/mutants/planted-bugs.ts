import type { Mutant } from "./mutant.ts";

/** Bugs of the log that other stores have had. */
export const PLANTED_LOG_BUGS: readonly Mutant[] = [
  {
    name: "checksum-not-checked",
    about: "a batch with a torn payload is taken for whole",
    edits: [
      {
        file: "engine/log/batch-format.ts",
        anchor:
          "payload.length === header.payloadBytes && crc32(payload) === header.payloadChecksum",
        replacement: "payload.length === header.payloadBytes",
      },
    ],
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
  },
];
