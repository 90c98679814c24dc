import type { Mutant } from "../mutant.ts";

/** Flaws of the design that this store started from. */
export const SOURCE_DESIGN_MUTANTS: readonly Mutant[] = [
  {
    name: "before-images-from-put-time",
    about: "what snapshots see instead of a change is older than a commit that came in between",
    edits: [
      {
        file: "engine/transactions/transaction-manager.ts",
        anchor: "return { key, old: this.#snapshots.count > 0 ? old?.slice() : old };",
        replacement:
          "return { key, old: (this.#versions.asOf(key, request.snapshot) ?? { value: old?.slice() }).value };",
      },
    ],
    expects: ["isolation", "P1"],
  },
  {
    name: "log-files-numbered-from-1-again",
    about: "after an open the first new log file takes the name of the first old one",
    edits: [
      {
        file: "engine/log/segment-pool.ts",
        anchor: "this.#nextFile = 1 + Math.max(0, ...options.names.map((name) => numberIn(name)));",
        replacement: "this.#nextFile = 1;",
      },
    ],
    expects: ["P1", "P3", "P5", "P6", "P7", "P8"],
  },
  {
    name: "commits-numbered-from-1-again",
    about: "an open forgets how many commits there were",
    edits: [
      {
        file: "engine/transactions/transaction-manager.ts",
        anchor: "    this.#lastCommit = options.lastCommit;",
        replacement: "    this.#lastCommit = commitNumber(0);",
      },
    ],
    expects: ["P1", "P3", "P4", "P8", "isolation"],
  },
  {
    name: "positions-from-the-beginning-again",
    about: "an open starts the log's positions anew",
    edits: [
      {
        file: "engine/recovery/next-epoch.ts",
        anchor: "resumeLsn: resumeAfter(evidence.nextLsn, fileBytes, evidence.sectorBytes),",
        replacement: "resumeLsn: lsn(4096),",
      },
    ],
    expects: ["P1", "P3", "P5", "P6", "P7", "P8"],
  },
  {
    name: "torn-tail-fails-the-open",
    about: "an ordinary torn tail makes the store unopenable",
    edits: [
      {
        file: "engine/log/tail-decision.ts",
        anchor: 'return somethingThere ? "trim" : "stop";',
        replacement: 'return somethingThere ? "refuse" : "stop";',
      },
    ],
    expects: ["P8"],
  },
  {
    name: "rolled-back-is-undone-again",
    about:
      "a transaction that recovery rolled back is rolled back again by the next one, over later commits",
    edits: [
      {
        file: "engine/recovery/transaction-table.ts",
        anchor: "    transaction.undoBelow = undoneLsn ?? transaction.undoBelow;\n",
        replacement: "",
      },
      {
        file: "engine/recovery/transaction-table.ts",
        anchor: '      case "rollback":\n        return this.#end(record.transaction);',
        replacement: '      case "rollback":\n        return undefined;',
      },
    ],
    expects: ["P1", "P2", "P3", "P5", "P6", "P7", "P8"],
  },
];
