import type { CrashKind } from "../disk/crash-summary.ts";
import type { FileGroup } from "./file-group.ts";

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

export type FaultKind = FaultPlan["kind"];

/** How somebody reacts to a failure that the store reports: so many steps later its life ends. */
export interface Reaction {
  readonly plusSteps: number;
  readonly ending: CrashKind | "close";
}

/** The nth sync call of that life fails; later the machine or the process is restarted. */
export interface SyncFailurePlan extends Reaction {
  readonly kind: "sync-failure";
  readonly life: number;
  readonly nth: number;
  readonly on?: FileGroup;
  /** File systems that allocate late find out in a sync that the disk is full. @defaultValue "EIO" */
  readonly code?: "EIO" | "ENOSPC";
}

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
export interface LateErrorPlan extends Reaction {
  readonly kind: "late-error";
  readonly life: number;
  readonly nth: number;
  readonly on?: FileGroup;
  readonly pick: number;
  readonly at: "sync" | "close";
}

/** From the nth call of that life on every call fails, or every one that changes something. */
export interface DeviceDeathPlan extends Reaction {
  readonly kind: "device-death";
  readonly life: number;
  readonly nth: number;
  readonly mode: "dead" | "read-only";
}
