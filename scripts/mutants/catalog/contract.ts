import type { Mutant } from "../mutant.ts";

/** Bugs of what callers were promised: isolation, outcomes, policies. */
export const CONTRACT_MUTANTS: readonly Mutant[] = [
  {
    name: "visible-before-it-is-acknowledged",
    about: "a reader sees a commit that a power cut can still take back",
    edits: [
      {
        file: "engine/transactions/transaction-manager.ts",
        anchor: "return this.#options.log.visibleCommit;",
        replacement: "return this.#lastCommit;",
      },
    ],
    expects: ["P1", "isolation"],
  },
  {
    name: "unknown-outcome-reported-as-refusal",
    about:
      "a commit whose sync failed is reported as one that did not happen, and may then be there",
    edits: [
      {
        file: "engine/log/log-writer.ts",
        anchor: '      "OUTCOME_UNKNOWN",',
        replacement: '      "IO",',
      },
    ],
    expects: ["P4", "P5", "P8"],
  },
  {
    name: "goes-on-after-a-failed-log",
    about: "after a failed write or sync the store takes new commits (RocksDB #12995)",
    edits: [
      {
        file: "engine/log/log-writer.ts",
        anchor: "    this.#failure = error;\n    this.#options.segments.stop();",
        replacement: "    this.#writing = false;\n    this.#syncing = false;",
      },
    ],
    expects: ["P1", "P4", "P5", "P8", "P10", "P11"],
  },
  {
    name: "commits-taken-after-a-failed-log",
    about: "only the log knows that it failed: the store goes on taking commits",
    edits: [
      {
        file: "engine/running-store.ts",
        anchor: "    if (cause !== undefined) {",
        replacement: "    if (cause === null) {",
      },
    ],
    expects: ["P5", "P8", "P10", "P11", "isolation"],
  },
  {
    name: "async-never-holds",
    about: "while the disk is slow, commits beyond the promise are acknowledged",
    edits: [
      {
        file: "engine/log/sync-policies.ts",
        anchor: "const hold = nowMs > dueMs || unsynced.bytes > bytes;",
        replacement: "const hold = false;",
      },
    ],
    expects: ["P9"],
    where: { policy: "async" },
  },
  {
    name: "async-interval-doubled",
    about: "the timer of the async policy rings at twice the time that it promises",
    edits: [
      {
        file: "engine/log/sync-policies.ts",
        anchor: "const dueMs = unsynced.oldestMs + intervalMs;",
        replacement: "const dueMs = unsynced.oldestMs + 2 * intervalMs;",
      },
    ],
    expects: ["P9"],
    where: { policy: "async" },
  },
  {
    name: "os-acknowledges-from-memory",
    about: "the os policy acknowledges before it has handed a commit to the system",
    edits: [
      {
        file: "engine/log/sync-policies.ts",
        anchor: '    acknowledgeAt: "written",',
        replacement: '    acknowledgeAt: "appended",',
      },
    ],
    expects: ["P1", "P9"],
    where: { policy: "os" },
  },
  {
    name: "conflicts-not-checked",
    about: "nobody asks whether another commit changed what this one read",
    edits: [
      {
        file: "engine/transactions/transaction-manager.ts",
        anchor: "const missing = this.#conflicts.refuse(request);",
        replacement: "const missing = undefined;",
      },
    ],
    expects: ["isolation"],
  },
  {
    name: "conflicts-checked-before-the-wait-for-room",
    about: "another commit slips in between the conflict check and the log",
    edits: [
      {
        file: "engine/transactions/transaction-manager.ts",
        anchor: "const missing = this.#conflicts.refuse(request);",
        replacement: `const missing = checked.has(request) ? undefined : this.#conflicts.refuse(request);
    if (missing === undefined) {
      checked.add(request);
    }`,
      },
      {
        file: "engine/transactions/transaction-manager.ts",
        anchor: "export class TransactionManager {",
        replacement: "const checked = new WeakSet<object>();\nexport class TransactionManager {",
      },
    ],
    expects: ["isolation"],
  },
  {
    name: "read-keys-not-validated",
    about: "a serializable transaction commits over a change of a key that it read",
    edits: [
      {
        file: "engine/transactions/transaction.ts",
        anchor: "      this.#reads.addKey(stored);",
        replacement: "",
      },
    ],
    expects: ["isolation"],
  },
  {
    name: "phantoms-allowed",
    about: "a serializable transaction commits though its scan would find another key now",
    edits: [
      {
        file: "engine/transactions/transaction.ts",
        anchor: "            this.#reads.addRange(covered);",
        replacement: "",
      },
    ],
    expects: ["isolation"],
  },
  {
    name: "second-committer-wins",
    about: "at snapshot isolation a lost update goes unnoticed",
    edits: [
      {
        file: "engine/transactions/conflict-check.ts",
        anchor: "return first(writes.keys(), (key) => changeOf(key, snapshot, changes));",
        replacement: "return undefined;",
      },
    ],
    expects: ["isolation"],
  },
  {
    name: "own-writes-not-seen",
    about: "a transaction reads what was there before its own write",
    edits: [
      {
        file: "engine/transactions/snapshot-read.ts",
        anchor:
          '  if (own !== undefined) {\n    return { kind: "found", value: own.value, isOwn: true };\n  }',
        replacement: "",
      },
    ],
    expects: ["isolation"],
  },
  {
    name: "versions-released-early",
    about: "undo versions go while a snapshot still needs them",
    edits: [
      {
        file: "engine/transactions/transaction-manager.ts",
        anchor: "const oldest = snapshot < visible ? snapshot : visible;",
        replacement: "const oldest = snapshot < visible ? visible : snapshot;",
      },
    ],
    expects: ["isolation", "P1"],
  },
  {
    name: "snapshot-off-by-one",
    about: "a snapshot misses the commit that it is named after",
    edits: [
      {
        file: "engine/versions/version-store.ts",
        anchor: "return chain?.find((version) => version.replacedBy > snapshot);",
        replacement: "return chain?.find((version) => version.replacedBy >= snapshot);",
      },
    ],
    expects: ["isolation", "P6"],
  },
  {
    name: "value-shares-the-callers-memory",
    about: "what a caller does to a buffer that was read changes what is stored",
    edits: [
      {
        file: "engine/data/value-codec.ts",
        anchor: "      return handedOut.copy(stored, 1);",
        replacement: "      return stored.subarray(1);",
      },
    ],
    expects: ["P2", "P3", "P6", "P7", "isolation"],
  },
  {
    name: "full-disk-stops-the-next-open",
    about: "an open on a full disk has no log file to begin in",
    edits: [
      {
        file: "engine/log/epoch-start.ts",
        anchor: "await pool.prepareToOpen(bytes);",
        replacement: "await pool.prepare(bytes);",
      },
    ],
    expects: ["P8"],
    where: { weather: "errors" },
  },
  {
    name: "nothing-kept-for-the-last-record",
    about: "a log that is full to the last byte cannot say at its close what of it is durable",
    edits: [
      {
        file: "engine/log/log-buffer.ts",
        anchor: "this.#keptBytes = options.sectorBytes;",
        replacement: "this.#keptBytes = 0;",
      },
    ],
    expects: ["P8"],
    where: { weather: "errors", policy: "os" },
  },
  {
    name: "one-bit-repair",
    about:
      "a single flipped bit is repaired by 16 bits of checksum alone, also in what may be a torn tail: they pass for one bit or another of every tenth batch",
    edits: [
      {
        file: "engine/log/batch-format.ts",
        anchor:
          "return payload.length === header.payloadBytes && crc32(payload) === header.payloadChecksum;",
        replacement: `if (payload.length !== header.payloadBytes) {
    return false;
  }
  for (let bit = -1; bit < payload.length * 8; bit += 1) {
    const mask = 1 << (bit & 7);
    if (bit >= 0) {
      payload[bit >> 3] = (payload[bit >> 3] ?? 0) ^ mask;
    }
    if (crc32(payload) % 0x1_0000 === header.payloadChecksum % 0x1_0000) {
      return true;
    }
    if (bit >= 0) {
      payload[bit >> 3] = (payload[bit >> 3] ?? 0) ^ mask;
    }
  }
  return false;`,
      },
    ],
    expects: ["P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "P12"],
  },
];
