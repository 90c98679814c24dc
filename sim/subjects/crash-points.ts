import type { Choices } from "../core/choices.ts";
import type { DiskFaults, DiskOperation, DiskOperationKind } from "../disk/disk-faults.ts";
import type { VirtualDisk } from "../disk/virtual-disk.ts";
import type { Progress } from "./subject-history.ts";

/** A disk as it was when the subject might have died. */
export interface CrashPoint {
  readonly disk: VirtualDisk;
  readonly progress: Progress;
  /** In words: before which call. */
  readonly place: string;
}

/** Calls that change nothing on a disk: a crash before one is a crash before the next that does. */
const HARMLESS: ReadonlySet<DiskOperationKind> = new Set<DiskOperationKind>([
  "open",
  "stat",
  "read-directory",
  "read",
  "size",
  "lock",
  "close",
]);

/**
 * Takes copies of a disk in front of calls that a subject makes: so many that every call is equally
 * likely to be among them, without knowing how many there will be (reservoir sampling).
 */
export class CrashPoints implements DiskFaults {
  readonly #disk: VirtualDisk;
  readonly #choices: Choices;
  readonly #slots: number;
  readonly #progress: () => Progress;
  readonly #points: CrashPoint[] = [];
  #seen = 0;

  constructor(
    disk: VirtualDisk,
    options: {
      readonly choices: Choices;
      readonly slots: number;
      readonly progress: () => Progress;
    },
  ) {
    this.#disk = disk;
    this.#choices = options.choices;
    this.#slots = options.slots;
    this.#progress = options.progress;
    disk.faults = this;
  }

  beforeOperation(operation: DiskOperation): undefined {
    if (this.#slots === 0 || HARMLESS.has(operation.kind)) {
      return;
    }
    this.#seen += 1;
    const slot = this.#seen <= this.#slots ? this.#points.length : this.#choices.below(this.#seen);
    if (slot >= this.#slots) {
      return;
    }
    this.#points[slot]?.disk.dispose();
    this.#points[slot] = this.copy(`before ${describeOperation(operation)}`);
  }

  /** Ends the taking of copies. They are the caller's to dispose. */
  end(): readonly CrashPoint[] {
    this.#disk.faults = undefined;
    return this.#points;
  }

  /** The disk as it is. */
  copy(place: string): CrashPoint {
    return { disk: this.#disk.clone(this.#disk.trace), progress: this.#progress(), place };
  }
}

function describeOperation({ kind, path, position, bytes, to }: DiskOperation): string {
  const words = kind.replaceAll("-", " ");
  if (kind === "write") {
    return `${words} ${path} ${position}..${position + bytes}`;
  }
  if (kind === "truncate" || kind === "preallocate") {
    return `${words} ${path} to ${position}`;
  }
  return to === undefined ? `${words} ${path}` : `${words} ${path} to ${to}`;
}
