import type { Choices } from "../core/choices.ts";
import { chance } from "../core/choices.ts";
import type { DiskFaults, DiskOperation, DiskOperationKind, Fault } from "../disk/disk-faults.ts";
import type { FaultPlan, FileGroup, SyncFailurePlan } from "../scenario/scenario.ts";
import type { Probes } from "./probes.ts";
import { CallCounts, type CallNumber } from "./call-counts.ts";
import { fileGroupOf } from "./store-files.ts";

const SYNC_KINDS: ReadonlySet<DiskOperationKind> = new Set(["datasync", "sync", "sync-directory"]);

/** Calls that may need room. */
const SPACE_KINDS: ReadonlySet<DiskOperationKind> = new Set(["write", "preallocate", "open"]);

/** How the injector sees and changes how much room the disk has. */
export interface DiskRoom {
  capacityBytes: number;
  readonly usedBytes: number;
}

/** Faults that the store was told about since this life began, including its open. */
export interface FaultsSeen {
  /** A sync of the log failed that had something to store: nothing may be acknowledged now. */
  syncFailure: boolean;
  /** That, or a failed write of the log: what was written may be gone. */
  logFailure: boolean;
  /** Any sync call failed, also those of files that hold nothing yet. */
  anySyncFailure: boolean;
  writeError: boolean;
  readError: boolean;
}

/**
 * Turns a fault plan into answers of the disk. Counts the calls of each life, so that the nth of a kind
 * can be struck. Faults not in the plan draw nothing.
 */
export class FaultInjector implements DiskFaults {
  private readonly plan: readonly FaultPlan[];
  private readonly choices: Choices;
  private readonly probes: Probes;
  private readonly done = new Set<FaultPlan>();
  /** Files with writes that no completed sync covers, and the number of the last one. */
  private readonly dirty = new Map<string, number>();
  /** Of the syncs under way, by file: the number of the last write that took effect before the call. */
  private readonly syncsUnderWay = new Map<string, number[]>();
  private writeNumber = 0;
  private room: DiskRoom | undefined;
  private life = 0;
  private syncCalls = 0;
  private calls = new CallCounts();
  private spaceCalls = 0;
  private fullChanges = 0;
  private fullMarkAtBegin = 0;
  /** False once the run only wants to know whether the store still works. */
  private armed = true;
  seen: FaultsSeen = nothingSeen();
  /** The plan of the sync failure that struck last in this life. */
  struck: SyncFailurePlan | undefined;

  constructor(plan: readonly FaultPlan[], choices: Choices, probes: Probes) {
    this.plan = plan;
    this.choices = choices;
    this.probes = probes;
  }

  attach(room: DiskRoom): void {
    this.room = room;
  }

  /** A new life, or a new try to begin it: calls are counted from 0 again. */
  begin(life: number): void {
    this.life = life;
    this.syncCalls = 0;
    this.calls = new CallCounts();
    this.spaceCalls = 0;
    this.struck = undefined;
    this.dirty.clear();
    this.syncsUnderWay.clear();
    this.seen = nothingSeen();
    this.makeRoom();
    this.fullMarkAtBegin = this.fullChanges;
  }

  /** From here on the disk works. */
  disarm(): void {
    this.armed = false;
    this.makeRoom();
  }

  /** Odd while the disk is full; grows whenever it becomes full or gets room. */
  get fullMark(): number {
    return this.fullChanges;
  }

  /** Whether the disk was full since this life, or this try to begin it, began. */
  get wasFullInThisLife(): boolean {
    return this.fullChanges !== this.fullMarkAtBegin;
  }

  /** Whether the disk failed at anything in this life, or was full. */
  get hasFailed(): boolean {
    const { anySyncFailure, writeError, readError } = this.seen;
    return [anySyncFailure, writeError, readError, this.wasFullInThisLife].includes(true);
  }

  /** Whether the disk was full at any time since that mark. */
  wasFullSince(mark: number): boolean {
    return mark !== this.fullChanges || mark % 2 === 1;
  }

  /** Whether a sync of such a file is under way. */
  isSyncing(group: FileGroup): boolean {
    return [...this.syncsUnderWay].some(
      ([path, calls]) => calls.length > 0 && fileGroupOf(path) === group,
    );
  }

  beforeOperation(operation: DiskOperation): Fault | undefined {
    if (!this.armed) {
      return undefined;
    }
    if (SYNC_KINDS.has(operation.kind)) {
      return this.beforeSync(operation);
    }
    if (SPACE_KINDS.has(operation.kind)) {
      return this.beforeWrite(operation);
    }
    return operation.kind === "read" ? this.beforeRead(operation) : undefined;
  }

  /** Called when a call is made; `beforeOperation` when it takes effect. */
  delayUs(operation: DiskOperation): number {
    if (!this.armed || !SYNC_KINDS.has(operation.kind)) {
      return 0;
    }
    const underWay = this.syncsUnderWay.get(operation.path) ?? [];
    underWay.push(this.writeNumber);
    this.syncsUnderWay.set(operation.path, underWay);
    const call = this.syncCalls;
    this.syncCalls += 1;
    for (const plan of this.plan) {
      const isMeant = plan.kind === "slow-syncs" && plan.life === this.life;
      if (isMeant && call >= plan.nth && call < plan.nth + plan.calls) {
        this.probes.hit("sync-slowed");
        return plan.ms * 1000;
      }
    }
    return 0;
  }

  /** A short write may end inside a bad sector: then its rest has to read what cannot be read. */
  mediaFailed(kind: DiskOperationKind): void {
    this.seen.writeError ||= kind === "write";
    this.seen.logFailure ||= kind === "write";
  }

  private beforeSync(operation: DiskOperation): Fault | undefined {
    const nth = this.calls.next("sync", operation.path);
    const plan = this.due("sync-failure", nth);
    // What was written while the sync was under way is not covered by it.
    const covered = this.syncsUnderWay.get(operation.path)?.shift() ?? this.writeNumber;
    const lastWrite = this.dirty.get(operation.path);
    if (plan?.kind !== "sync-failure") {
      if (lastWrite !== undefined && lastWrite <= covered) {
        this.dirty.delete(operation.path);
      }
      return undefined;
    }
    this.struck = plan;
    this.probes.hit("sync-failed");
    this.probes.when(nth.group === "pages", "page-sync-failed");
    this.probes.when(nth.group === "double-write", "double-write-sync-failed");
    this.probes.when(nth.group === "control", "control-sync-failed");
    this.seen.anySyncFailure = true;
    this.seen.logFailure ||= lastWrite !== undefined && nth.group === "log";
    this.seen.syncFailure ||= lastWrite !== undefined && nth.group === "log";
    return operation.kind === "sync-directory"
      ? { kind: "error", code: "EIO" }
      : { kind: "failed-sync", storedPattern: this.choices.below(0x1_0000) };
  }

  private beforeWrite(operation: DiskOperation): Fault | undefined {
    this.countSpaceCall();
    const forPages = operation.kind === "preallocate" && fileGroupOf(operation.path) !== "log";
    this.probes.when(forPages && this.fullChanges % 2 === 1, "disk-full-for-pages");
    if (operation.kind !== "write") {
      return undefined;
    }
    this.writeNumber += 1;
    this.dirty.set(operation.path, this.writeNumber);
    const nth = this.calls.next("write", operation.path);
    if (this.due("write-error", nth) !== undefined) {
      this.seen.writeError = true;
      this.seen.logFailure ||= nth.group === "log";
      this.probes.hit("write-error");
      this.probes.when(nth.group === "pages", "page-write-failed");
      const bytes = this.choices.below(operation.bytes + 1);
      return { kind: "partial-error", code: "EIO", bytes };
    }
    return this.shortened("short-writes", operation);
  }

  private beforeRead(operation: DiskOperation): Fault | undefined {
    const nth = this.calls.next("read", operation.path);
    if (this.due("read-error", nth) !== undefined) {
      this.seen.readError = true;
      this.probes.hit("read-error");
      this.probes.when(nth.group === "pages", "page-read-failed");
      return { kind: "error", code: "EIO" };
    }
    return this.shortened("short-reads", operation);
  }

  private shortened(
    kind: "short-writes" | "short-reads",
    { bytes }: DiskOperation,
  ): Fault | undefined {
    for (const plan of this.plan) {
      if (plan.kind === kind && bytes > 1 && chance(this.choices, 1, plan.oneIn)) {
        this.probes.hit(kind === "short-writes" ? "short-write" : "short-read");
        return { kind: "short", bytes: bytes - 1 - this.choices.below(bytes - 1) };
      }
    }
    return undefined;
  }

  /** The disk is as full as it is just now, until the plan says that somebody cleaned up. */
  private countSpaceCall(): void {
    const call = this.spaceCalls;
    this.spaceCalls += 1;
    for (const plan of this.plan) {
      if (plan.kind === "no-space" && plan.life === this.life && this.room !== undefined) {
        if (call === plan.nth && !this.done.has(plan)) {
          this.done.add(plan);
          this.room.capacityBytes = this.room.usedBytes;
          this.fullChanges += 1;
          this.probes.hit("disk-full");
        } else if (call === plan.nth + plan.calls) {
          this.makeRoom();
        }
      }
    }
  }

  private makeRoom(): void {
    if (this.room !== undefined && this.fullChanges % 2 === 1) {
      this.room.capacityBytes = Number.POSITIVE_INFINITY;
      this.fullChanges += 1;
    }
  }

  /** The plan that strikes this call; each strikes once. */
  private due(
    kind: "sync-failure" | "write-error" | "read-error",
    number: CallNumber,
  ): FaultPlan | undefined {
    for (const plan of this.plan) {
      const isDue = plan.kind === kind && plan.life === this.life && isMeant(plan, number);
      if (isDue && !this.done.has(plan)) {
        this.done.add(plan);
        return plan;
      }
    }
    return undefined;
  }
}

function isMeant(
  { nth, on }: { readonly nth: number; readonly on?: FileGroup },
  { overall, group, inGroup }: CallNumber,
): boolean {
  return on === undefined ? nth === overall : on === group && nth === inGroup;
}

function nothingSeen(): FaultsSeen {
  return {
    syncFailure: false,
    logFailure: false,
    anySyncFailure: false,
    writeError: false,
    readError: false,
  };
}
