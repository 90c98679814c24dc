import {
  RIVALS,
  WORKLOADS,
  type PeerName,
  type WorkloadName,
  type WorkloadSpec,
} from "./catalog.ts";
import type { MachineFacts } from "./machine.ts";
import { median, ratio } from "./statistics.ts";
import type { Outcome, WrittenBytes } from "./task.ts";

/** One run of one peer on one workload. */
export interface Sample {
  readonly workload: WorkloadName;
  readonly peer: PeerName;
  readonly round: number;
  readonly outcome: Outcome;
}

/** Medians over the rounds of one peer on one workload. */
export interface Cell {
  readonly peer: PeerName;
  /** In the workload's unit; undefined when nothing was measured. */
  readonly perSecond: number | undefined;
  /** Per byte of keys and values committed: bytes given to write calls, and bytes of page cache made dirty. */
  readonly handedPerByte: number | undefined;
  readonly dirtiedPerByte: number | undefined;
  readonly peakBytes: number | undefined;
  readonly peakHeapBytes: number | undefined;
  readonly elapsedMs: number | undefined;
  /** Why nothing was measured. */
  readonly note: string | undefined;
}

export interface Row {
  readonly workload: WorkloadName;
  readonly title: string;
  readonly unit: string;
  readonly cells: readonly Cell[];
  /** Seawall's figure as a multiple of the best rival's, and of the floor's. */
  readonly toBestRival: number | undefined;
  readonly toFloor: number | undefined;
}

export interface BenchReport {
  readonly machine: MachineFacts;
  readonly seawallVersion: string;
  readonly settings: BenchSettings;
  readonly rows: readonly Row[];
  readonly samples: readonly Sample[];
}

export interface BenchSettings {
  readonly keys: number;
  readonly rounds: number;
  readonly budgetMs: number;
  readonly logBytes: number;
  readonly workloads: readonly WorkloadName[];
  readonly peers: readonly PeerName[];
}

export function rowsOf(settings: BenchSettings, samples: readonly Sample[]): Row[] {
  const chosen = WORKLOADS.filter(({ name }) => settings.workloads.includes(name));
  return chosen.map((spec) => {
    const own = samples.filter(({ workload }) => workload === spec.name);
    return rowOf(spec, settings.peers, own);
  });
}

function rowOf(spec: WorkloadSpec, peers: readonly PeerName[], samples: readonly Sample[]): Row {
  const cells = peers.map((peer) =>
    cellOf(
      spec,
      peer,
      samples.filter((sample) => sample.peer === peer).map(({ outcome }) => outcome),
    ),
  );
  const of = (peer: PeerName): number | undefined =>
    cells.find((cell) => cell.peer === peer)?.perSecond;
  const rivals = RIVALS.map(of).filter((value) => value !== undefined);
  return {
    workload: spec.name,
    title: spec.title,
    unit: spec.unit,
    cells,
    toBestRival: ratio(of("seawall"), rivals.length === 0 ? undefined : Math.max(...rivals)),
    toFloor: ratio(of("seawall"), of("floor")),
  };
}

function cellOf(spec: WorkloadSpec, peer: PeerName, outcomes: readonly Outcome[]): Cell {
  const measured = outcomes.filter((outcome) => outcome.kind === "measured");
  const perByte = (of: (written: WrittenBytes) => number | undefined): number | undefined =>
    median(
      measured
        .map(({ figures: { written, committedBytes } }) =>
          ratio(written === undefined ? undefined : of(written), committedBytes),
        )
        .filter((value) => value !== undefined),
    );
  return {
    peer,
    perSecond: median(measured.map(({ figures }) => figures.perSecond)),
    handedPerByte: perByte(({ handed }) => handed),
    dirtiedPerByte: perByte(({ dirtied }) => dirtied),
    peakBytes: median(measured.map(({ peakBytes }) => peakBytes)),
    peakHeapBytes: median(
      measured.map(({ figures }) => figures.peakHeapBytes).filter((bytes) => bytes !== undefined),
    ),
    elapsedMs: median(measured.map(({ figures }) => figures.elapsedMs)),
    note: noteOf(spec, peer, outcomes),
  };
}

/** A failure is told even when other rounds were measured. */
function noteOf(
  spec: WorkloadSpec,
  peer: PeerName,
  outcomes: readonly Outcome[],
): string | undefined {
  const failed = outcomes.find((outcome) => outcome.kind === "failed");
  if (failed !== undefined) {
    return `failed: ${failed.message}`;
  }
  const missing = outcomes.find((outcome) => outcome.kind === "missing");
  const absent = spec.absent[peer];
  return missing?.message ?? (absent === undefined ? undefined : `not offered: ${absent}`);
}
