import type { Damage } from "../disk/damage.ts";
import type { FaultKind, FaultPlan } from "../scenario/fault-plan.ts";

export const FAULT_KINDS: readonly FaultKind[] = [
  "sync-failure",
  "no-space",
  "write-error",
  "read-error",
  "short-writes",
  "short-reads",
  "clock-jump",
  "bit-flips",
  "bad-sector",
  "slow-syncs",
  "stalls",
  "late-timers",
  "lost-write",
  "misdirected-write",
  "misdirected-read",
  "late-error",
  "device-death",
  "mixed-snapshot",
];

/** What strikes without a plan of its own. */
export type OtherRow =
  "process-crash" | "os-crash" | "power-crash" | "nested-crash" | "lying-drive" | "double-fault";

export type LedgerRow = FaultKind | OtherRow;

export const LEDGER_ROWS: readonly LedgerRow[] = [
  ...FAULT_KINDS,
  "process-crash",
  "os-crash",
  "power-crash",
  "nested-crash",
  "lying-drive",
  "double-fault",
];

/**
 * How far a fault came in a run. `armed`: the scenario holds it. `fired`: it struck a call, or bytes.
 * `reached`: the store met it, as an answer of the disk or as bytes that it read. `judged`: afterwards the
 * store was compared with what it owed.
 */
export type LedgerStage = "armed" | "fired" | "reached" | "judged";

export const LEDGER_STAGES: readonly LedgerStage[] = ["armed", "fired", "reached", "judged"];

/** Every name under which a ledger counts. */
export const LEDGER_NAMES: readonly string[] = LEDGER_ROWS.flatMap(entriesOf);

function entriesOf(row: LedgerRow): readonly string[] {
  return LEDGER_STAGES.map((stage) => `${row}.${stage}`);
}

/**
 * The books of a run: what was planned against it, and what came of that. A fault that is planned again
 * and again and never judged proves nothing, and nobody would notice.
 */
export class Ledger {
  readonly #stages = new Map<LedgerRow, Set<LedgerStage>>();

  constructor(plan: readonly FaultPlan[]) {
    for (const { kind } of plan) {
      this.note(kind, "armed");
    }
  }

  note(row: LedgerRow, stage: LedgerStage): void {
    const stages = this.#stages.get(row) ?? new Set();
    stages.add(stage);
    this.#stages.set(row, stages);
  }

  /** It struck a call: the answer of the call is how the store meets it. */
  struck(row: LedgerRow): void {
    this.note(row, "armed");
    this.note(row, "fired");
    this.note(row, "reached");
  }

  /** What the store read of damaged bytes, by the kinds of damage. */
  met(kinds: ReadonlySet<Damage["kind"]>): void {
    for (const [kind, rows] of Object.entries(ROWS_OF_DAMAGE)) {
      const isMet = [...kinds].some((met) => met === kind);
      for (const row of isMet ? rows : []) {
        if (this.#stages.get(row)?.has("fired") === true) {
          this.note(row, "reached");
        }
      }
    }
  }

  /** The store was compared with what it owes: that covers everything that struck before. */
  judged(): void {
    for (const stages of this.#stages.values()) {
      if (stages.has("fired")) {
        stages.add("judged");
      }
    }
  }

  /** Rows that came so far. */
  at(stage: LedgerStage): readonly LedgerRow[] {
    return LEDGER_ROWS.filter((row) => this.#stages.get(row)?.has(stage) === true);
  }

  /** 1 for each row and stage that the run came to. */
  report(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const stage of LEDGER_STAGES) {
      for (const row of this.at(stage)) {
        counts[`${row}.${stage}`] = 1;
      }
    }
    return counts;
  }
}

const ROWS_OF_DAMAGE: Readonly<Record<Damage["kind"], readonly LedgerRow[]>> = {
  flip: ["bit-flips"],
  unreadable: ["bad-sector"],
  replaced: ["lost-write", "misdirected-write", "mixed-snapshot"],
};

/** The rarest fault comes in one seed of two hundred: so many leave out one in ten thousand times. */
const SEEDS_FOR_ALL = 2000;

/** What the ledger of a campaign of this many seeds has to show. */
export function demandedEntries(seeds: number): readonly string[] {
  return seeds < SEEDS_FOR_ALL ? [] : LEDGER_NAMES;
}
