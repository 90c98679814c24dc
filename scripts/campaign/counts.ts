import type {
  CampaignCell,
  CampaignCounts,
  CampaignReport,
  LedgerCounts,
} from "../../reports/index.ts";
import type { Cell, CellNames } from "./cell.ts";

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

export function noCounts(): Mutable<CampaignCounts> {
  return {
    seeds: 0,
    repeated: 0,
    crashes: 0,
    operations: 0,
    checks: 0,
    unchecked: 0,
    steps: 0,
    virtualMs: 0,
    broken: 0,
  };
}

/** Sums per policy and profile, and over all. */
export class CellCounts {
  readonly #cells = new Map<string, Mutable<CampaignCell>>();
  readonly totals: CampaignCounts = noCounts();

  add(cell: Cell, counts: CampaignCounts): void {
    const key = `${cell.policy}/${cell.profile}`;
    const sums = this.#cells.get(key) ?? {
      policy: cell.policy,
      profile: cell.profile,
      ...noCounts(),
    };
    this.#cells.set(key, sums);
    addInto(sums, counts);
    addInto(this.totals, counts);
  }

  /** Every cell that has something, in the order of their names; names that are not listed come last. */
  inOrder(names: CellNames): CampaignCell[] {
    return [...this.#cells.values()].toSorted(
      (a, b) =>
        rank(names.policies, a.policy) - rank(names.policies, b.policy) ||
        rank(names.profiles, a.profile) - rank(names.profiles, b.profile),
    );
  }
}

function rank(list: readonly string[], name: string): number {
  const index = list.indexOf(name);
  return index < 0 ? list.length : index;
}

function addInto(sums: Mutable<CampaignCounts>, more: CampaignCounts): void {
  sums.seeds += more.seeds;
  sums.repeated += more.repeated;
  sums.crashes += more.crashes;
  sums.operations += more.operations;
  sums.checks += more.checks;
  sums.unchecked += more.unchecked;
  sums.steps += more.steps;
  sums.virtualMs += more.virtualMs;
  sums.broken += more.broken;
}

/** Entries such as "lost-write.fired", by fault. */
export function ledgerOf(counts: Readonly<Record<string, number>>): CampaignReport["ledger"] {
  const rows: Record<string, Mutable<LedgerCounts>> = {};
  for (const [name, count] of Object.entries(counts)) {
    const [fault = "", stage = ""] = name.split(".");
    const row = (rows[fault] ??= { armed: 0, fired: 0, reached: 0, judged: 0 });
    if (stage === "armed" || stage === "fired" || stage === "reached" || stage === "judged") {
      row[stage] = count;
    }
  }
  return rows;
}

/** Adds every entry of `more` into `sums`. */
export function addProbes(
  sums: Record<string, number>,
  more: Readonly<Record<string, number>>,
): void {
  for (const [name, count] of Object.entries(more)) {
    sums[name] = (sums[name] ?? 0) + count;
  }
}
