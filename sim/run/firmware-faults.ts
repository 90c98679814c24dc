import type { Fault, ReplacedRange } from "../disk/disk-faults.ts";
import type { LateErrorPlan, LostWritePlan, Reaction } from "../scenario/fault-plan.ts";
import type { CallNumber } from "./call-counts.ts";
import type { Ledger } from "./ledger.ts";
import type { PlanBook } from "./plan-book.ts";

/** What is told to whoever keeps the ground truth. */
export type OnReplaced = (range: ReplacedRange) => void;

/** Devices that say they did what they did not: writes lost or gone astray, errors that come late. */
export class FirmwareFaults {
  readonly #book: PlanBook;
  readonly #ledger: Ledger;
  onReplaced: OnReplaced = () => {};
  /** What a sync just lost belongs to this plan. */
  #losing: LostWritePlan | LateErrorPlan | undefined;
  /** Files whose next sync or close reports an error, by path. */
  readonly #late = new Map<string, LateErrorPlan>();

  constructor(book: PlanBook, ledger: Ledger) {
    this.#book = book;
    this.#ledger = ledger;
  }

  /** The system forgets with the program what it had to report. */
  begin(): void {
    this.#late.clear();
    this.#losing = undefined;
  }

  beforeSync(number: CallNumber): Fault | undefined {
    const book = this.#book;
    const plan =
      book.due("lost-write", number) ??
      book.due("misdirected-write", number) ??
      book.due("late-error", number);
    this.#losing = plan;
    if (plan === undefined) {
      return undefined;
    }
    const strayTo = plan.kind === "late-error" ? undefined : plan.strayTo;
    const evicted = plan.kind !== "late-error" && plan.evicted;
    const stray = strayTo === undefined ? {} : { strayTo };
    return { kind: "lost-write", pick: plan.pick, evicted, ...stray };
  }

  /** An error that comes late is due now. */
  lateError(path: string, at: "sync" | "close"): Reaction | undefined {
    const plan = this.#late.get(path);
    if (plan?.at !== at) {
      return undefined;
    }
    this.#late.delete(path);
    this.#ledger.note("late-error", "reached");
    return plan;
  }

  /** The disk lost something; only now is it sure that there was something to lose. */
  replaced(range: ReplacedRange): void {
    const plan = this.#losing;
    if (plan !== undefined) {
      this.#ledger.note(plan.kind, "fired");
      if (plan.kind === "late-error") {
        this.#late.set(range.path, plan);
      }
    }
    this.onReplaced(range);
  }

  beforeRead(number: CallNumber): Fault | undefined {
    const plan = this.#book.due("misdirected-read", number);
    return plan === undefined ? undefined : { kind: "misread", shift: plan.shift };
  }
}
