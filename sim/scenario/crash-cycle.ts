import type { CrashKind } from "../disk/crash-summary.ts";
import type { FileGroup } from "./file-group.ts";

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
