import type { Cell, Selection } from "./cell.ts";

/** One finished run, as far as a campaign counts it. */
export interface FinishedRun {
  readonly cell: Cell;
  readonly verdict: "held" | "broken";
  readonly violation?: {
    /** "P1" to "P12", "isolation", or "harness" when the simulator itself went wrong. */
    readonly property: string;
    readonly message: string;
    readonly details: readonly string[];
  };
  readonly traceHash: string;
  readonly operations: number;
  readonly crashes: number;
  readonly checks: number;
  /** It ended early because the store refused what a device had done to it, and had to. */
  readonly refused?: boolean;
  readonly steps: number;
  readonly virtualMs: number;
  readonly probes: Readonly<Record<string, number>>;
  /** 1 for each fault and stage that the run came to, such as "lost-write.fired". */
  readonly ledger?: Readonly<Record<string, number>>;
}

/** The simulator as a campaign needs it. Runs of one worker come one after the other. */
export interface Simulation {
  run(seed: number, selection: Selection): Promise<FinishedRun>;

  /** The same run once more, recorded. */
  runRecorded(seed: number, selection: Selection): Promise<RecordedRun>;

  /** What the seed would run with; runs nothing. */
  cellOf(seed: number, selection: Selection): Cell;
}

export interface RecordedRun {
  readonly run: FinishedRun;
  /** The failure record, when the run broke a property. */
  readonly recordText?: string;
}
