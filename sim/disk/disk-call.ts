import { defined } from "../../engine/base/assert.ts";
import { FileIOError } from "../../engine/platform/file-io.ts";
import type { Choices } from "../core/choices.ts";
import type { DiskOperation, DiskOperationKind } from "./disk-faults.ts";
import { type InFlightOperation, NOT_IN_FLIGHT } from "./in-flight-operations.ts";
import type { VirtualDisk } from "./virtual-disk.ts";

/** Calls that change nothing that outlives the program. */
const HARMLESS: ReadonlySet<DiskOperationKind> = new Set<DiskOperationKind>([
  "stat",
  "read-directory",
  "read",
  "size",
  "lock",
  "close",
]);

/** What a call does. */
export interface DiskAction<T> {
  readonly kind: DiskOperationKind;
  /** What a fault plan is told about the call. */
  describe(): DiskOperation;
  /** Does it. @throws FileIOError */
  effect(): T;
  /** Does part of it: what a program that dies in the middle leaves. */
  partly?(choices: Choices): void;
}

/**
 * One call between being made and taking effect. Not a base class of the actions: setting up the fields
 * of many subclasses cost a twelfth of a campaign.
 */
export class DiskCall<T> implements InFlightOperation {
  readonly promise: Promise<T>;
  slot: number = NOT_IN_FLIGHT;
  order = 0;
  readonly #disk: VirtualDisk;
  readonly #action: DiskAction<T>;
  #resolve: ((value: T) => void) | undefined;
  #reject: ((error: FileIOError) => void) | undefined;

  constructor(disk: VirtualDisk, action: DiskAction<T>) {
    this.#disk = disk;
    this.#action = action;
    this.promise = new Promise<T>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  get kind(): DiskOperationKind {
    return this.#action.kind;
  }

  get lands(): boolean {
    return !HARMLESS.has(this.kind);
  }

  /** Runs as a step of the scheduler, unless a crash came first. */
  execute(): void {
    if (!this.#disk.inFlight.remove(this)) {
      return;
    }
    try {
      defined(this.#resolve, "the caller")(this.#action.effect());
    } catch (error) {
      // Anything else is a bug of the simulator: it must stop the run, not reach the engine.
      if (!(error instanceof FileIOError)) {
        throw error;
      }
      defined(this.#reject, "the caller")(error);
    }
  }

  land(choices: Choices): boolean {
    const action = this.#action;
    if (!this.lands) {
      return false;
    }
    const outcome = choices.below(action.partly === undefined ? 2 : 3);
    const before = this.#disk.sequence;
    try {
      if (outcome === 2) {
        action.partly?.(choices);
      } else if (outcome === 1) {
        action.effect();
      }
      return outcome !== 0;
    } catch (error) {
      // The program is dead and hears nothing, not even of a failure.
      if (!(error instanceof FileIOError)) {
        throw error;
      }
      return this.#disk.sequence > before;
    }
  }
}

/** An action whose effect is a function. */
export class PlainAction<T> implements DiskAction<T> {
  readonly kind: DiskOperationKind;
  readonly effect: () => T;
  readonly #path: string;
  readonly #position: number;

  constructor(operation: Omit<DiskOperation, "bytes">, effect: () => T) {
    this.kind = operation.kind;
    this.effect = effect;
    this.#path = operation.path;
    this.#position = operation.position;
  }

  describe(): DiskOperation {
    return { kind: this.kind, path: this.#path, position: this.#position, bytes: 0 };
  }
}
