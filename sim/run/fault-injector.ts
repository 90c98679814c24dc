import type { Choices } from "../core/choices.ts";
import { chance } from "../core/choices.ts";
import type {
  DiskFaults,
  DiskOperation,
  DiskOperationKind,
  Fault,
  ReplacedRange,
} from "../disk/disk-faults.ts";
import type { FaultPlan, Reaction } from "../scenario/fault-plan.ts";
import type { FileGroup } from "../scenario/file-group.ts";
import { CallCounts, type CallNumber } from "./call-counts.ts";
import { DeviceFaults } from "./device-faults.ts";
import { DiskFullness } from "./disk-fullness.ts";
import { FaultsSeen } from "./faults-seen.ts";
import { FirmwareFaults, type OnReplaced } from "./firmware-faults.ts";
import type { Ledger } from "./ledger.ts";
import { PlanBook } from "./plan-book.ts";
import type { Probes } from "./probes.ts";
import { fileGroupOf } from "./store-files.ts";
import { SyncCoverage } from "./sync-coverage.ts";

const SYNC_KINDS: ReadonlySet<DiskOperationKind> = new Set(["datasync", "sync", "sync-directory"]);

/** Calls that may need room. */
const SPACE_KINDS: ReadonlySet<DiskOperationKind> = new Set(["write", "preallocate", "open"]);

/** Where it is noted what came of the plan. */
export interface FaultBooks {
  readonly probes: Probes;
  readonly ledger: Ledger;
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
  readonly fullness: DiskFullness;
  readonly coverage: SyncCoverage = new SyncCoverage();
  /** Calls by when they take effect; and by when they are made. */
  private calls = new CallCounts();
  private made = new CallCounts();
  /** False once the run only wants to know whether the store still works. */
  private armed = true;
  seen: FaultsSeen = new FaultsSeen();
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
    this.fullness = new DiskFullness(plan, this.book, books);
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

  /** A new life, or a new try to begin it: calls are counted from 0 again. */
  begin(life: number): void {
    this.book.life = life;
    this.firmware.begin();
    this.device.begin();
    this.calls = new CallCounts();
    this.made = new CallCounts();
    this.struck = undefined;
    this.coverage.begin();
    this.seen = new FaultsSeen();
    this.fullness.begin();
  }

  /** From here on the disk works. */
  disarm(): void {
    this.armed = false;
    this.fullness.makeRoom();
  }

  /** Whether the disk failed at anything in this life, or was full. */
  get hasFailed(): boolean {
    const { anySyncFailure, writeError, readError } = this.seen;
    return [anySyncFailure, writeError, readError, this.fullness.wasFullInThisLife].includes(true);
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
    this.coverage.called(operation.path);
    return stalledUs + this.slownessUs(this.made.next("sync", operation.path));
  }

  callsMade(call: "write" | "sync", on: FileGroup): number {
    return this.made.countOf(call, on);
  }

  private slownessUs({ overall, group, inGroup }: CallNumber): number {
    for (const plan of this.plan) {
      if (plan.kind === "slow-syncs" && plan.life === this.book.life) {
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
    if (kind === "write") {
      this.seen.noteWriteOntoDamage();
    }
  }

  private beforeSync(operation: DiskOperation): Fault | undefined {
    const nth = this.calls.next("sync", operation.path);
    const plan = this.syncFailure(nth, operation);
    const covered = this.coverage.ended(operation.path);
    if (plan === undefined) {
      this.coverage.succeeded(operation.path, covered);
      return this.firmware.beforeSync(nth);
    }
    this.struck = plan;
    this.probes.hit("sync-failed");
    this.probes.when(nth.group === "pages", "page-sync-failed");
    this.probes.when(nth.group === "double-write", "double-write-sync-failed");
    this.probes.when(nth.group === "control", "control-sync-failed");
    this.seen.noteSync(nth.group, this.coverage.firstDirty(operation.path));
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
    if (plan.code === "ENOSPC") {
      this.fullness.notePassing();
    }
    return { ...plan, code: plan.code ?? "EIO" };
  }

  private beforeClose({ path }: DiskOperation): Fault | undefined {
    const late = this.firmware.lateError(path, "close");
    if (late === undefined) {
      return undefined;
    }
    this.struck = late;
    this.seen.noteClose(fileGroupOf(path));
    return { kind: "error", code: "EIO" };
  }

  /** A device that is gone fails at everything alike; what that means depends on the call. */
  private noteDeadCall({ kind, path }: DiskOperation): void {
    this.seen.noteDeadDevice();
    if (SYNC_KINDS.has(kind)) {
      this.coverage.ended(path);
      this.seen.noteSync(fileGroupOf(path), this.coverage.firstDirty(path));
    } else if (kind === "write") {
      this.seen.noteWrite(fileGroupOf(path));
    } else {
      this.seen.noteRead();
    }
  }

  private beforeWrite(operation: DiskOperation): Fault | undefined {
    this.fullness.beforeCall();
    const forPages = operation.kind === "preallocate" && fileGroupOf(operation.path) !== "log";
    this.probes.when(forPages && this.fullness.isFull, "disk-full-for-pages");
    if (operation.kind !== "write") {
      return undefined;
    }
    this.coverage.written(operation.path);
    const nth = this.calls.next("write", operation.path);
    if (this.book.due("write-error", nth) !== undefined) {
      this.ledger.struck("write-error");
      this.seen.noteWrite(nth.group);
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
      this.seen.noteRead();
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
}

function rangeOf({ path, position, bytes }: DiskOperation): ReplacedRange {
  return { path, from: position, to: position + bytes };
}
