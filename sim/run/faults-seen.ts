import type { FileGroup } from "../scenario/file-group.ts";

/** Faults that the store was told about since this life began, including its open. */
export class FaultsSeen {
  /** A sync of the log failed that had something to store: nothing may be acknowledged now. */
  syncFailure = false;
  /** The number of the first write that such a sync was to store: those before it were stored already. */
  unsyncedFrom: number = Infinity;
  /** That, or a failed write of the log: what was written may be gone. */
  logFailure = false;
  /** Any sync call failed, also those of files that hold nothing yet. */
  anySyncFailure = false;
  writeError = false;
  readError = false;
  /**
   * The device went away, or a checkpoint could not be written: the store has stopped, and a close
   * only lets go of its files.
   */
  stopped = false;

  /** `firstDirty`: the number of the first write that the sync should have stored, when it had one. */
  noteSync(group: FileGroup | undefined, firstDirty: number | undefined): void {
    const isDirty = firstDirty !== undefined;
    this.anySyncFailure = true;
    this.stopped ||= isOfCheckpoints(group);
    this.logFailure ||= isDirty && group === "log";
    this.syncFailure ||= isDirty && group === "log";
    if (isDirty && group === "log") {
      this.unsyncedFrom = Math.min(this.unsyncedFrom, firstDirty);
    }
  }

  noteClose(group: FileGroup | undefined): void {
    this.anySyncFailure = true;
    // The log stops, and says so: a close of the store that comes after that makes nothing durable.
    this.logFailure ||= group === "log";
  }

  noteWrite(group: FileGroup | undefined): void {
    this.writeError = true;
    this.stopped ||= isOfCheckpoints(group);
    this.logFailure ||= group === "log";
  }

  /** Where a write ends inside a bad sector, its rest has to read what cannot be read. */
  noteWriteOntoDamage(): void {
    this.writeError = true;
    this.logFailure = true;
  }

  noteRead(): void {
    this.readError = true;
  }

  noteDeadDevice(): void {
    this.stopped = true;
  }
}

/** Files that only checkpoints write: when one of them fails, the store stops. */
function isOfCheckpoints(group: FileGroup | undefined): boolean {
  return group === "control" || group === "page-lsns";
}
