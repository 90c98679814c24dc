/**
 * A run as data: everything that decides what is asked of the store and what strikes it. Plain JSON, so
 * that a failing run can be kept, edited, shrunk and replayed after the generator has changed. What the
 * disk does within the freedom that the scenario leaves (latencies, which bytes survive a crash) comes
 * from choice streams, which are derived from `seed` and recorded beside the scenario.
 */
export interface Scenario {
  readonly schema: "seawall-scenario";
  readonly version: 1;
  readonly seed: string;
  /** Name of the disk profile. */
  readonly profile: string;
  readonly policy: PolicySpec;
  readonly engine: EngineSpec;
  /** Size of the disk's atomic unit; never larger than the engine's. */
  readonly diskSectorBytes: number;
  /** How `keys` are read: as text, or with one character per byte. */
  readonly keyForm: "text" | "bytes";
  /** The whole key space; programs name keys by their index. */
  readonly keys: readonly string[];
  readonly clients: readonly ClientProgram[];
  /** Crashes while the very first open makes the store. */
  readonly creation: readonly NestedCrash[];
  readonly cycles: readonly CrashCycle[];
  readonly faults: readonly FaultPlan[];
  readonly limits: RunLimits;
  /** The store is made where another one was removed. @defaultValue false */
  readonly afterAnother?: boolean;
  /** Steps that wait at the same time go by priority. @defaultValue by time */
  readonly schedule?: SchedulePlan;
}

/** An order by priority; see `PriorityOrder`. */
export interface SchedulePlan {
  readonly depth: number;
  readonly steps: number;
  readonly windowUs: number;
}

export interface RunLimits {
  /** Scheduler steps of the whole run; more is a hang (P11). */
  readonly stepsMax: number;
  /** Virtual time of the whole run; more is a hang (P11). */
  readonly virtualMsMax: number;
}

export type PolicySpec =
  | { readonly kind: "sync" }
  | {
      readonly kind: "batch";
      readonly commits: number;
      readonly bytes: number;
      readonly delayMs: number;
    }
  | { readonly kind: "async"; readonly intervalMs: number; readonly bytes: number }
  | { readonly kind: "os" };

export type PolicyName = PolicySpec["kind"];

export type IsolationName = "read-committed" | "snapshot" | "serializable";

/** What is missing has the engine's default: records made before the option existed do not name it. */
export interface EngineSpec {
  readonly segmentBytes: number;
  readonly sectorBytes: number;
  readonly batchBytesMax: number;
  readonly isolation: IsolationName;
  readonly pageBytes?: number;
  readonly cacheBytes?: number;
  readonly checkpointBytes?: number;
  readonly transactionBytesMax?: number;
  readonly copies?: 1 | 2;
}

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

export type CrashKind = "process" | "os" | "power";

/** One ending of the store's life and the reopen after it. `close` is an orderly end under load. */
export interface CrashCycle {
  readonly kind: CrashKind | "close";
  /** Lives with lower numbers are not struck: something else ends them. @defaultValue 0 */
  readonly notBefore?: number;
  /** Strikes once this many operations were started since the last open... */
  readonly afterOperations: number;
  /** ...and, where given, this call was made after that: otherwise this life is not struck... */
  readonly at?: CallPoint;
  /** ...and this many scheduler steps later. */
  readonly plusSteps: number;
  /** Crashes during the recovery that follows, in order. */
  readonly nested: readonly NestedCrash[];
}

/**
 * A call that the store makes to the disk: the nth of its kind, from 0, on files of one group. When it is
 * made and has not taken effect yet, everything that it is about is at stake.
 */
export interface CallPoint {
  readonly call: "write" | "sync";
  readonly on: FileGroup;
  readonly nth: number;
}

export interface NestedCrash {
  readonly kind: CrashKind;
  /** Strikes this many scheduler steps into the open; nothing happens when the open ends before. */
  readonly recoverySteps: number;
  /** Counts the steps from the beginning of that phase of recovery, and strikes only when it comes. */
  readonly during?: "redo" | "undo";
  /** Counts the steps from that call of the open, and strikes only when it is made. */
  readonly at?: CallPoint;
}

/** What the files of a store are for. */
export type FileGroup = "log" | "pages" | "double-write" | "control" | "page-lsns";

export const FILE_GROUPS: readonly FileGroup[] = [
  "log",
  "pages",
  "double-write",
  "control",
  "page-lsns",
];

/**
 * `life` counts completed opens from 0: faults of life n strike while it is opened or used. With `on`
 * only files of that group are struck, and `nth` counts their calls only.
 */
export type FaultPlan =
  | SyncFailurePlan
  | {
      /** Space-taking calls number `nth` to `nth + calls - 1` of that life find the disk full. */
      readonly kind: "no-space";
      readonly life: number;
      readonly nth: number;
      readonly calls: number;
    }
  | {
      readonly kind: "write-error";
      readonly life: number;
      readonly nth: number;
      readonly on?: FileGroup;
    }
  | {
      readonly kind: "read-error";
      readonly life: number;
      readonly nth: number;
      readonly on?: FileGroup;
    }
  | { readonly kind: "short-writes"; readonly oneIn: number }
  | { readonly kind: "short-reads"; readonly oneIn: number }
  | {
      readonly kind: "clock-jump";
      readonly life: number;
      readonly afterOperations: number;
      readonly ms: number;
    }
  | {
      /** Flips bits that were durable, between the crash that ends this life and the reopen. */
      readonly kind: "bit-flips";
      readonly life: number;
      readonly flips: number;
      readonly on?: FileGroup;
      /** Instead: while the store is in use, when so many calls were made. */
      readonly afterOperations?: number;
    }
  | {
      /** A sector that was durable cannot be read any more, from the crash that ends this life on. */
      readonly kind: "bad-sector";
      readonly life: number;
      readonly on?: FileGroup;
      /** Instead: while the store is in use, when so many calls were made. */
      readonly afterOperations?: number;
    }
  | {
      /** Sync calls number `nth` to `nth + calls - 1` of that life take this much longer. */
      readonly kind: "slow-syncs";
      readonly life: number;
      readonly nth: number;
      readonly calls: number;
      readonly ms: number;
      readonly on?: FileGroup;
    }
  | {
      /** Calls of any kind, number `nth` to `nth + calls - 1` of that life, take this much longer. */
      readonly kind: "stalls";
      readonly life: number;
      readonly nth: number;
      readonly calls: number;
      readonly ms: number;
    }
  /** In all of the run timers ring up to this much late. */
  | { readonly kind: "late-timers"; readonly ms: number }
  | LostWritePlan
  | LateErrorPlan
  | {
      /** The nth read brings what lies `shift` times its length further on in the file. */
      readonly kind: "misdirected-read";
      readonly life: number;
      readonly nth: number;
      readonly shift: number;
      readonly on?: FileGroup;
    }
  | DeviceDeathPlan
  | {
      /**
       * What is restored after the end of that life are files of two moments: those of the group as they
       * were after so many calls, the others as they are.
       */
      readonly kind: "mixed-snapshot";
      readonly life: number;
      readonly afterOperations: number;
      readonly on: FileGroup;
    };

/**
 * The nth sync of that life reports success, but the device did not store one of the writes that the sync
 * covers, or stored it elsewhere in the file. `pick` chooses the write.
 */
export interface LostWritePlan {
  readonly kind: "lost-write" | "misdirected-write";
  readonly life: number;
  readonly nth: number;
  readonly on?: FileGroup;
  readonly pick: number;
  /** Where a misdirected write lands, in units of its length. */
  readonly strayTo?: number;
  /** The system has dropped its copy: reads show what the medium holds. */
  readonly evicted: boolean;
}

/** As a lost write; the next sync or close of the file reports it, once. Then somebody restarts. */
export interface LateErrorPlan {
  readonly kind: "late-error";
  readonly life: number;
  readonly nth: number;
  readonly on?: FileGroup;
  readonly pick: number;
  readonly at: "sync" | "close";
  readonly plusSteps: number;
  readonly ending: "process" | "os" | "power" | "close";
}

/** From the nth call of that life on every call fails, or every one that changes something. */
export interface DeviceDeathPlan {
  readonly kind: "device-death";
  readonly life: number;
  readonly nth: number;
  readonly mode: "dead" | "read-only";
  readonly plusSteps: number;
  readonly ending: "process" | "os" | "power" | "close";
}

export type FaultKind = FaultPlan["kind"];

/** The nth sync call of that life fails; later the machine or the process is restarted. */
export interface SyncFailurePlan {
  readonly kind: "sync-failure";
  readonly life: number;
  readonly nth: number;
  readonly plusSteps: number;
  readonly ending: "process" | "os" | "power" | "close";
  readonly on?: FileGroup;
  /** File systems that allocate late find out in a sync that the disk is full. @defaultValue "EIO" */
  readonly code?: "EIO" | "ENOSPC";
}

/** Also where the scenario leaves it to the engine. */
export function pageBytesOf({ pageBytes = 8192 }: EngineSpec): number {
  return pageBytes;
}

export const POLICY_NAMES: readonly PolicyName[] = ["sync", "batch", "async", "os"];

/** Number of calls a program makes, which is what `afterOperations` counts. */
export function countOperations(scenario: Scenario): number {
  let count = 0;
  for (const client of scenario.clients) {
    for (const item of client.items) {
      count += operationsOf(item);
    }
  }
  return count;
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
