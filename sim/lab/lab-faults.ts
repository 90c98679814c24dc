import type { Choices } from "../core/choices.ts";
import type { DiskFaults, DiskOperation, Fault } from "../disk/disk-faults.ts";
import type { SlowSyncs } from "./lab-scenario.ts";

/** Slows syncs down, and fails one when it is armed. */
export class LabFaults implements DiskFaults {
  /** The next sync of the log fails. */
  armed = false;
  /** A sync has failed. */
  failed = false;
  /** Told of every sync call when it is made, with how much longer than usual it takes. */
  onSync: ((operation: DiskOperation, slowMs: number) => void) | undefined;
  private readonly slow: readonly SlowSyncs[];
  private readonly choices: Choices;
  private syncs = 0;

  constructor(slow: readonly SlowSyncs[], choices: Choices) {
    this.slow = slow;
    this.choices = choices;
  }

  beforeOperation({ kind }: DiskOperation): Fault | undefined {
    if (kind !== "datasync" || !this.armed) {
      return undefined;
    }
    this.armed = false;
    this.failed = true;
    return { kind: "failed-sync", storedPattern: this.choices.below(0x1_0000) };
  }

  delayUs(operation: DiskOperation): number {
    if (operation.kind !== "datasync") {
      return 0;
    }
    const call = this.syncs;
    this.syncs += 1;
    const slow = this.slow.find(({ nth, calls }) => call >= nth && call < nth + calls);
    const ms = slow?.ms ?? 0;
    this.onSync?.(operation, ms);
    return ms * 1000;
  }
}
