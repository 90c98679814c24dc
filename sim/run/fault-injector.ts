import type { Choices } from "../core/choices.ts";
import { chance } from "../core/choices.ts";
import type {
  DiskFaults,
  DiskOperation,
  DiskOperationKind,
  Fault,
  ReplacedRange,
} from "../disk/disk-faults.ts";
import type { FaultPlan } from "../scenario/fault-plan.ts";
import type { FileGroup } from "../scenario/file-group.ts";
import { CallCounts, type CallNumber } from "./call-counts.ts";
import { DeviceFaults } from "./device-faults.ts";
import { FirmwareFaults, type OnReplaced, type Reaction } from "./firmware-faults.ts";
import type { Ledger } from "./ledger.ts";
import { PlanBook } from "./plan-book.ts";
import type { Probes } from "./probes.ts";
import { fileGroupOf } from "./store-files.ts";

const SYNC_KINDS: ReadonlySet<DiskOperationKind> = new Set(["datasync", "sync", "sync-directory"]);

/** Calls that may need room. */
const SPACE_KINDS: ReadonlySet<DiskOperationKind> = new Set(["write", "preallocate", "open"]);

/** How the injector sees and changes how much room the disk has. */
export interface DiskRoom {
  capacityBytes: number;
  readonly usedBytes: number;
}

/** Where it is noted what came of the plan. */
export interface FaultBooks {
  readonly probes: Probes;
  readonly ledger: Ledger;
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
  /**
   * The device went away, or a checkpoint could not be written: the store has stopped, and a close
   * only lets go of its files.
   */
  stopped: boolean;
}

/**
 * Turns a fault plan into answers of the disk. Counts the calls of each life, so that the nth of a kind
 * can be struck. Faults not in the plan draw nothing.
 */
export class FaultInjector implements DiskFaults {
  private readonly plan: readonly FaultPlan[];
  private readonly choices: Choices;
  private readonly probes: Probes;
  private readonly ledger: Ledger;
  private readonly book: PlanBook;
  private readonly firmware: FirmwareFaults;
  private readonly device: DeviceFaults;
  /** Files with writes that no completed sync covers, and the number of the last one. */
  private readonly dirty = new Map<string, number>();
  /** Of the syncs under way, by file: the number of the last write that took effect before the call. */
  private readonly syncsUnderWay = new Map<string, number[]>();
  private writeNumber = 0;
  private room: DiskRoom | undefined;
  private life = 0;
  /** Calls by when they take effect; and by when they are made. */
  private calls = new CallCounts();
  private made = new CallCounts();
  private spaceCalls = 0;
  private fullChanges = 0;
  private fullMarkAtBegin = 0;
  /** False once the run only wants to know whether the store still works. */
  private armed = true;
  seen: FaultsSeen = nothingSeen();
  /** What somebody is going to do about the failure that struck last in this life. */
  struck: Reaction | undefined;
  /** Told of a read that brings bytes from the wrong place, when it does. */
  onMisread: OnReplaced = () => {};

  constructor(plan: readonly FaultPlan[], choices: Choices, books: FaultBooks) {
    this.plan = plan;
    this.choices = choices;
    this.probes = books.probes;
    this.ledger = books.ledger;
    this.book = new PlanBook(plan);
    this.firmware = new FirmwareFaults(this.book, this.ledger);
    this.device = new DeviceFaults(plan, this.book, this.ledger);
  }

  /** Whoever keeps the ground truth is told what the disk did not store as it said. */
  set onReplaced(onReplaced: OnReplaced) {
    this.firmware.onReplaced = onReplaced;
  }

  /** Told of a read that is given bytes which were replaced. */
  onMet: OnReplaced = () => {};

  mediaMet(range: ReplacedRange): void {
    this.onMet(range);
  }

  /** Told of a read that comes upon damage. */
  onDamage: OnReplaced = () => {};

  damageMet(range: ReplacedRange): void {
    this.onDamage(range);
  }

  mediaReplaced(range: ReplacedRange): void {
    this.firmware.replaced(range);
  }

  attach(room: DiskRoom): void {
    this.room = room;
  }

  /** A new life, or a new try to begin it: calls are counted from 0 again. */
  begin(life: number): void {
    this.life = life;
    this.book.life = life;
    this.firmware.begin();
    this.device.begin();
    this.calls = new CallCounts();
    this.made = new CallCounts();
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
    const death = this.device.failing(operation.kind);
    if (death !== undefined) {
      this.struck ??= death;
      this.noteDeadCall(operation);
      return { kind: "error", code: death.mode === "dead" ? "EIO" : "EROFS" };
    }
    if (SYNC_KINDS.has(operation.kind)) {
      return this.beforeSync(operation);
    }
    if (operation.kind === "close") {
      return this.beforeClose(operation);
    }
    if (SPACE_KINDS.has(operation.kind)) {
      return this.beforeWrite(operation);
    }
    return operation.kind === "read" ? this.beforeRead(operation) : undefined;
  }

  /** Called when a call is made; `beforeOperation` when it takes effect. */
  delayUs(operation: DiskOperation): number {
    if (!this.armed) {
      return 0;
    }
    const stalledUs = this.device.delayUs();
    if (operation.kind === "write") {
      this.made.next("write", operation.path);
    }
    if (!SYNC_KINDS.has(operation.kind)) {
      return stalledUs;
    }
    const underWay = this.syncsUnderWay.get(operation.path) ?? [];
    underWay.push(this.writeNumber);
    this.syncsUnderWay.set(operation.path, underWay);
    return stalledUs + this.slownessUs(this.made.next("sync", operation.path));
  }

  callsMade(call: "write" | "sync", on: FileGroup): number {
    return this.made.countOf(call, on);
  }

  private slownessUs({ overall, group, inGroup }: CallNumber): number {
    for (const plan of this.plan) {
      if (plan.kind === "slow-syncs" && plan.life === this.life) {
        const call = plan.on === undefined ? overall : inGroup;
        const isMeant = plan.on === undefined || plan.on === group;
        if (isMeant && call >= plan.nth && call < plan.nth + plan.calls) {
          this.probes.hit("sync-slowed");
          this.ledger.struck("slow-syncs");
          return plan.ms * 1000;
        }
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
    const plan = this.syncFailure(nth, operation);
    // What was written while the sync was under way is not covered by it.
    const covered = this.syncsUnderWay.get(operation.path)?.shift() ?? this.writeNumber;
    const lastWrite = this.dirty.get(operation.path);
    if (plan === undefined) {
      if (lastWrite !== undefined && lastWrite <= covered) {
        this.dirty.delete(operation.path);
      }
      return this.firmware.beforeSync(nth);
    }
    this.struck = plan;
    this.probes.hit("sync-failed");
    this.probes.when(nth.group === "pages", "page-sync-failed");
    this.probes.when(nth.group === "double-write", "double-write-sync-failed");
    this.probes.when(nth.group === "control", "control-sync-failed");
    this.seen.anySyncFailure = true;
    this.seen.stopped ||= isOfCheckpoints(nth.group);
    this.seen.logFailure ||= lastWrite !== undefined && nth.group === "log";
    this.seen.syncFailure ||= lastWrite !== undefined && nth.group === "log";
    return operation.kind === "sync-directory"
      ? { kind: "error", code: "EIO" }
      : { kind: "failed-sync", storedPattern: this.choices.below(0x1_0000), code: plan.code };
  }

  /** A failure that the plan has for this sync, or that an earlier sync should have reported. */
  private syncFailure(
    nth: CallNumber,
    { path, kind }: DiskOperation,
  ): (Reaction & { readonly code: "EIO" | "ENOSPC" }) | undefined {
    const late = kind === "sync-directory" ? undefined : this.firmware.lateError(path, "sync");
    if (late !== undefined) {
      return { ...late, code: "EIO" };
    }
    const plan = this.book.due("sync-failure", nth);
    if (plan === undefined) {
      return undefined;
    }
    this.ledger.struck("sync-failure");
    // Full, and room again at once: the disk itself never was.
    this.fullChanges += plan.code === "ENOSPC" ? 2 : 0;
    return { ...plan, code: plan.code ?? "EIO" };
  }

  private beforeClose({ path }: DiskOperation): Fault | undefined {
    const late = this.firmware.lateError(path, "close");
    if (late === undefined) {
      return undefined;
    }
    this.struck = late;
    this.seen.anySyncFailure = true;
    // The log stops, and says so: a close of the store that comes after that makes nothing durable.
    this.seen.logFailure ||= fileGroupOf(path) === "log";
    return { kind: "error", code: "EIO" };
  }

  /** A device that is gone fails at everything alike; what that means depends on the call. */
  private noteDeadCall({ kind, path }: DiskOperation): void {
    const isLog = fileGroupOf(path) === "log";
    this.seen.stopped = true;
    if (SYNC_KINDS.has(kind)) {
      this.syncsUnderWay.get(path)?.shift();
      this.seen.anySyncFailure = true;
      this.seen.syncFailure ||= isLog && this.dirty.has(path);
      this.seen.logFailure ||= isLog && this.dirty.has(path);
    } else if (kind === "write") {
      this.seen.writeError = true;
      this.seen.logFailure ||= isLog;
    } else {
      this.seen.readError = true;
    }
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
    if (this.book.due("write-error", nth) !== undefined) {
      this.ledger.struck("write-error");
      this.seen.writeError = true;
      this.seen.stopped ||= isOfCheckpoints(nth.group);
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
    if (this.book.due("read-error", nth) !== undefined) {
      this.ledger.struck("read-error");
      this.seen.readError = true;
      this.probes.hit("read-error");
      this.probes.when(nth.group === "pages", "page-read-failed");
      if (nth.group === "page-lsns") {
        // What it would have told, the store does not know now.
        this.onMisread(rangeOf(operation));
      }
      return { kind: "error", code: "EIO" };
    }
    const misread = this.firmware.beforeRead(nth);
    if (misread !== undefined) {
      this.ledger.struck("misdirected-read");
      this.onMisread(rangeOf(operation));
      return misread;
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
        this.ledger.struck(kind);
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
        if (call === plan.nth && this.fullChanges % 2 === 0 && this.book.crossOut(plan)) {
          this.ledger.struck("no-space");
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
}

/** Files that only checkpoints write: when one of them fails, the store stops. */
function isOfCheckpoints(group: FileGroup | undefined): boolean {
  return group === "control" || group === "page-lsns";
}

function rangeOf({ path, position, bytes }: DiskOperation): ReplacedRange {
  return { path, from: position, to: position + bytes };
}

function nothingSeen(): FaultsSeen {
  return {
    syncFailure: false,
    logFailure: false,
    anySyncFailure: false,
    writeError: false,
    readError: false,
    stopped: false,
  };
}
