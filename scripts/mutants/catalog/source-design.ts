import type { Mutant } from "../mutant.ts";

/** Flaws of the design that this store started from. */
export const SOURCE_DESIGN_MUTANTS: readonly Mutant[] = [
  {
    name: "before-images-from-put-time",
    about:
      "what a loser is undone with is older than a commit that came in between, and takes that back",
    edits: [
      {
        file: "engine/transactions/transaction-manager.ts",
        anchor: "        timestampMs,\n        changes,\n      });",
        replacement: `        timestampMs,
        changes: changes.map((change) => ({
          ...change,
          old: (this.#versions.asOf(change.key, request.snapshot) ?? { value: change.old }).value,
        })),
      });`,
      },
    ],
    expects: ["P1", "P2", "P3", "P7"],
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
        file: "engine/recovery/open-log.ts",
        anchor: "resumeLsn: resumeAfter(evidence.nextLsn, fileBytes, evidence.sectorBytes),",
        replacement: "resumeLsn: FIRST_LSN,",
      },
    ],
    expects: ["P1", "P3", "P5", "P6", "P7", "P8"],
  },
  {
    name: "epoch-not-raised",
    about: "what was written before a crash cannot be told from what was written after it",
    edits: [
      {
        file: "engine/recovery/open-log.ts",
        anchor: "Math.floor(table.highestId / IDS_PER_EPOCH)) + 1,",
        replacement: "Math.floor(table.highestId / IDS_PER_EPOCH)),",
      },
    ],
    expects: ["P3", "P4", "P5", "P6", "P7", "P8"],
    escapes:
      "positions never come back, and each batch names the checksum of the one before: see earlier-laps-accepted",
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
        anchor:
          "        transaction.changes = transaction.changes.filter((change) => change.lsn < record.undoneLsn);\n        return undefined;",
        replacement: "        return undefined;",
      },
      {
        file: "engine/recovery/transaction-table.ts",
        anchor:
          '      case "rollback":\n        this.#open.delete(transaction.id);\n        return undefined;',
        replacement: '      case "rollback":\n        return undefined;',
      },
    ],
    expects: ["P1", "P2", "P3", "P6", "P7", "P8"],
  },
  {
    name: "a-clr-is-undone",
    about: "the undo records of a rollback count as changes, and are undone in their turn",
    edits: [
      {
        file: "engine/recovery/transaction-table.ts",
        anchor:
          "        transaction.changes = transaction.changes.filter((change) => change.lsn < record.undoneLsn);\n        return undefined;",
        replacement:
          "        transaction.changes.push({ lsn, key: record.key, old: record.restored });\n        return undefined;",
      },
    ],
    expects: ["P2", "P3", "P4", "P7"],
    escapes:
      "undo and its Rollback are one batch here, so that no crash leaves CLRs of an open transaction",
  },
];
