import type { IsolationName } from "./store-spec.ts";

/** What one client does, one item after the other. A crash abandons the item it strikes, not the rest. */
export interface ClientProgram {
  readonly items: readonly ProgramItem[];
}

export type ProgramItem =
  TransactionItem | BatchItem | BurstItem | WriteStep | ReadStep | SleepStep | UpkeepItem;

/** What an operator does, beside the transactions of others. */
export interface UpkeepItem {
  readonly do: "sync" | "checkpoint" | "verify" | "compact" | "scrub";
}

/** `managed` runs it through `db.transaction`, which retries conflicts. */
export interface TransactionItem {
  readonly do: "transaction";
  readonly isolation: IsolationName;
  readonly managed: boolean;
  readonly steps: readonly TransactionStep[];
  /** `leave`: neither committed nor rolled back; nothing of it may ever be seen. */
  readonly end: "commit" | "commit-sync" | "rollback" | "leave";
}

export type TransactionStep = WriteStep | ReadStep | SleepStep;

/** Several writes that the store must apply together or not at all. */
export interface BatchItem {
  readonly do: "batch";
  readonly writes: readonly WriteStep[];
}

/** Several one-shot commits that one client has in flight at once. */
export interface BurstItem {
  readonly do: "burst";
  readonly writes: readonly WriteStep[];
}

export type WriteStep = PutStep | DeleteStep;

export interface PutStep {
  readonly do: "put";
  readonly key: number;
  readonly value: ValueSpec;
}

export interface DeleteStep {
  readonly do: "delete";
  readonly key: number;
}

export type ReadStep = { readonly do: "get"; readonly key: number } | ScanStep;

/** Bounds are key indexes. */
export interface ScanStep {
  readonly do: "scan";
  readonly gt?: number;
  readonly gte?: number;
  readonly lt?: number;
  readonly lte?: number;
  readonly reverse: boolean;
  readonly limit?: number;
}

export interface SleepStep {
  readonly do: "sleep";
  readonly ms: number;
}

/** A value by its identity; the bytes follow from it. `id` is unique in a scenario. */
export interface ValueSpec {
  readonly id: number;
  readonly form: "text" | "bytes" | "structure";
  /** About this long; 0 makes an empty text or an empty byte string. */
  readonly bytes: number;
}

/** Calls that an item makes. */
export function operationsOf(item: ProgramItem): number {
  if (item.do === "transaction") {
    return item.steps.length + 2;
  }
  return item.do === "burst" ? item.writes.length : 1;
}

/** The steps of an item, or the item itself. */
export function stepsOf(item: ProgramItem): readonly (TransactionStep | UpkeepItem)[] {
  switch (item.do) {
    case "transaction":
      return item.steps;
    case "batch":
    case "burst":
      return item.writes;
    default:
      return [item];
  }
}
