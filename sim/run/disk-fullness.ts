import type { FaultPlan } from "../scenario/fault-plan.ts";
import type { Ledger } from "./ledger.ts";
import type { PlanBook } from "./plan-book.ts";
import type { Probes } from "./probes.ts";

/** How much room the disk has, to be seen and changed. */
export interface DiskRoom {
  capacityBytes: number;
  readonly usedBytes: number;
}

/** Disks that become full, and get room again. */
export class DiskFullness {
  readonly #plan: readonly FaultPlan[];
  readonly #book: PlanBook;
  readonly #probes: Probes;
  readonly #ledger: Ledger;
  #room: DiskRoom | undefined;
  /** Calls of this life that may need room. */
  #calls = 0;
  #changes = 0;
  #markAtBegin = 0;

  constructor(
    plan: readonly FaultPlan[],
    book: PlanBook,
    { probes, ledger }: { readonly probes: Probes; readonly ledger: Ledger },
  ) {
    this.#plan = plan;
    this.#book = book;
    this.#probes = probes;
    this.#ledger = ledger;
  }

  attach(room: DiskRoom): void {
    this.#room = room;
  }

  begin(): void {
    this.#calls = 0;
    this.makeRoom();
    this.#markAtBegin = this.#changes;
  }

  get isFull(): boolean {
    return this.#changes % 2 === 1;
  }

  /** Odd while the disk is full; grows whenever it becomes full or gets room. */
  get mark(): number {
    return this.#changes;
  }

  /** Whether the disk was full at any time since that mark. */
  wasFullSince(mark: number): boolean {
    return mark !== this.#changes || mark % 2 === 1;
  }

  /** Whether the disk was full since this life, or this try to begin it, began. */
  get wasFullInThisLife(): boolean {
    return this.#changes !== this.#markAtBegin;
  }

  /** The disk is as full as it is just now, until the plan says that somebody cleaned up. */
  beforeCall(): void {
    const call = this.#calls;
    this.#calls += 1;
    for (const plan of this.#plan) {
      if (plan.kind === "no-space" && plan.life === this.#book.life && this.#room !== undefined) {
        if (call === plan.nth && !this.isFull && this.#book.crossOut(plan)) {
          this.#ledger.struck("no-space");
          this.#room.capacityBytes = this.#room.usedBytes;
          this.#changes += 1;
          this.#probes.hit("disk-full");
        } else if (call === plan.nth + plan.calls) {
          this.makeRoom();
        }
      }
    }
  }

  /** A sync found no room, and there was some at once: the disk itself never was full. */
  notePassing(): void {
    this.#changes += 2;
  }

  makeRoom(): void {
    if (this.#room !== undefined && this.isFull) {
      this.#room.capacityBytes = Number.POSITIVE_INFINITY;
      this.#changes += 1;
    }
  }
}
