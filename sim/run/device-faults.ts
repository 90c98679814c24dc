import type { DiskOperationKind } from "../disk/disk-faults.ts";
import type { DeviceDeathPlan, FaultPlan } from "../scenario/fault-plan.ts";
import type { Ledger } from "./ledger.ts";
import type { PlanBook } from "./plan-book.ts";

/** Calls that a device which can only be read still answers. */
const READING: ReadonlySet<DiskOperationKind> = new Set<DiskOperationKind>([
  "stat",
  "read-directory",
  "read",
  "size",
  "close",
]);

/** Devices that go away, and devices that keep everybody waiting. */
export class DeviceFaults {
  readonly #plan: readonly FaultPlan[];
  readonly #book: PlanBook;
  readonly #ledger: Ledger;
  #calls = 0;
  #dead: DeviceDeathPlan | undefined;

  constructor(plan: readonly FaultPlan[], book: PlanBook, ledger: Ledger) {
    this.#plan = plan;
    this.#book = book;
    this.#ledger = ledger;
  }

  /** Somebody started the machine again, or plugged the cable in. */
  begin(): void {
    this.#calls = 0;
    this.#dead = undefined;
  }

  /** How much longer a call takes, which is about to be made. */
  delayUs(): number {
    const call = this.#calls;
    this.#calls += 1;
    for (const plan of this.#plan) {
      if (isStriking(plan, "stalls", this.#book.life, call) && call < plan.nth + plan.calls) {
        this.#ledger.struck("stalls");
        return plan.ms * 1000;
      }
      if (isStriking(plan, "device-death", this.#book.life, call) && this.#book.crossOut(plan)) {
        this.#dead = plan;
        this.#ledger.note("device-death", "fired");
      }
    }
    return 0;
  }

  /** The plan by which a call fails, for as long as the device is gone. */
  failing(kind: DiskOperationKind): DeviceDeathPlan | undefined {
    const plan = this.#dead;
    if (plan === undefined || kind === "close") {
      return undefined;
    }
    if (plan.mode === "read-only" && READING.has(kind)) {
      return undefined;
    }
    this.#ledger.note("device-death", "reached");
    return plan;
  }
}

function isStriking<Kind extends "stalls" | "device-death">(
  plan: FaultPlan,
  kind: Kind,
  life: number,
  call: number,
): plan is Extract<FaultPlan, { kind: Kind }> {
  const isKind = plan.kind === "stalls" || plan.kind === "device-death";
  return isKind && plan.kind === kind && plan.life === life && call >= plan.nth;
}
