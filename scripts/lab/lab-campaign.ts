import {
  type DeviceName,
  LAB_CRASH_KINDS,
  type LabCrashKind,
  type LabPolicy,
  PolicyError,
} from "../../sim/lab/index.ts";
import type { ProfileName } from "../../sim/index.ts";
import type {
  Counterexample,
  CrashReport,
  DevicePrice,
  PolicyReport,
} from "../../reports/lab/lab-report.ts";
import type { LabRunner, StormResult } from "./lab-task.ts";
import type { PolicyReference } from "./policy-reference.ts";
import { Turns } from "./turns.ts";
import { crashReport, policyVerdict } from "./verdict.ts";

/** A policy, and where a thread finds it. */
export interface Candidate {
  readonly policy: LabPolicy;
  readonly reference: PolicyReference;
}

export interface LabCampaignOptions {
  readonly runner: LabRunner;
  /** Tasks at a time. */
  readonly workers: number;
  /** With something at stake, of each kind. */
  readonly crashes: number;
  /** @defaultValue all */
  readonly kinds?: readonly LabCrashKind[];
  readonly start: number;
  readonly profile: ProfileName | undefined;
  readonly devices: readonly DeviceName[];
  /** Keeps a counterexample where people find it; returns it with its file and command. */
  readonly keep: (found: Counterexample, candidate: Candidate) => Counterexample;
  /** Told whenever a task ended: how much of the whole is done, from 0 to 1. */
  readonly onProgress: (share: number) => void;
}

/** What a campaign found about one policy, or why nothing can be said about it. */
export type CandidateOutcome =
  | { readonly kind: "report"; readonly report: PolicyReport }
  | { readonly kind: "fault"; readonly message: string };

/** Shrinking begins with the shortest of the scenarios that failed, one after the other. */
const SHRINK_FROM = 3;

/** Seeds for one task: small enough that progress shows and every thread has work to the end. */
const SEEDS_AT_ONCE = 200;

/** More seeds than any sane policy needs to have something at stake so often. */
const SEEDS_PER_CRASH_MAX = 6;

/** In how many of a hundred runs something is at stake, until it is known better. */
const LIKELY_PER_CENT = 85;

/**
 * Puts policies to the test: for each kind of crash as many as were asked for, all policies through the
 * same storms. What is found does not depend on how many threads share the work.
 */
export class LabCampaign {
  private readonly options: LabCampaignOptions;
  private readonly turns: Turns;
  private done = 0;
  private planned = 0;
  private stopped = false;
  /** Nothing more is run of these: a policy that loops for ever would cost a minute each time. */
  private readonly faulty = new Set<Candidate>();

  constructor(options: LabCampaignOptions) {
    this.options = options;
    this.turns = new Turns(options.workers);
  }

  /** No further task is begun; what runs ends first. */
  stop(): void {
    this.stopped = true;
  }

  get isStopped(): boolean {
    return this.stopped;
  }

  /** Policies that decide and promise alike are run once: again they would do the same, step by step. */
  async run(candidates: readonly Candidate[]): Promise<CandidateOutcome[]> {
    const kinds = this.options.kinds ?? LAB_CRASH_KINDS;
    const firsts = candidates.map(
      (candidate) =>
        candidates.find((other) => isSame(other.policy, candidate.policy)) ?? candidate,
    );
    // What breaks is shrunk, which takes long: what has to break begins first.
    const distinct = [...new Set(firsts)].toSorted(
      (one, other) => Number(isControl(other)) - Number(isControl(one)),
    );
    this.planned += distinct.length * (kinds.length + this.options.devices.length * PRICE_WEIGHT);
    const outcomes = new Map(
      distinct.map((candidate) => [candidate, this.candidate(candidate, kinds)]),
    );
    return Promise.all(
      candidates.map(async (candidate, index) => {
        const first = firsts[index] ?? candidate;
        const outcome = (await outcomes.get(first)) ?? this.candidate(candidate, kinds);
        return first === candidate ? outcome : renamed(await outcome, candidate, first);
      }),
    );
  }

  private async candidate(
    candidate: Candidate,
    kinds: readonly LabCrashKind[],
  ): Promise<CandidateOutcome> {
    try {
      const [crashes, prices] = await Promise.all([
        all(kinds.map((kind) => this.crashes(candidate, kind))),
        all(this.options.devices.map((device) => this.price(candidate, device))),
      ]);
      return { kind: "report", report: policyReport(candidate, crashes, prices) };
    } catch (error) {
      if (error instanceof PolicyError) {
        return { kind: "fault", message: error.message };
      }
      throw error;
    }
  }

  private async crashes(candidate: Candidate, kind: LabCrashKind): Promise<CrashReport> {
    const report = await this.crash(candidate, kind);
    this.progress(1 - STORM_SHARE);
    return report;
  }

  private async crash(candidate: Candidate, kind: LabCrashKind): Promise<CrashReport> {
    const parts = await this.storm(candidate, kind);
    const failures = parts.flatMap((part) => part.failures);
    if (failures.length === 0 || this.stopped) {
      return crashReport(candidate.policy, { kind, parts });
    }
    const seeds = failures
      .toSorted((one, other) => one.steps - other.steps || one.seed - other.seed)
      .map(({ seed }) => seed);
    const { runner, profile, keep } = this.options;
    const shrunk = await this.turns.take(
      () =>
        runner.shrink({
          policy: candidate.reference,
          crash: kind,
          profile,
          seeds: seeds.slice(0, SHRINK_FROM),
        }),
      "urgent",
    );
    const { message, part, scenario, story, seed } = shrunk;
    const found = { message, part, scenario, story, seed, operations: scenario.steps.length };
    return crashReport(candidate.policy, { kind, parts, counterexample: keep(found, candidate) });
  }

  /** In waves: how many runs the next one needs follows from those before, never from who was faster. */
  private async storm(candidate: Candidate, kind: LabCrashKind): Promise<StormResult[]> {
    const { crashes, start } = this.options;
    const parts: StormResult[] = [];
    let seeds = 0;
    let tested = 0;
    while (tested < crashes && seeds < crashes * SEEDS_PER_CRASH_MAX + SEEDS_AT_ONCE) {
      const perCent = seeds === 0 ? LIKELY_PER_CENT : Math.max(5, (tested * 100) / seeds);
      const wanted = Math.ceil(((crashes - tested) * 100) / perCent);
      const chunks = Math.ceil(wanted / SEEDS_AT_ONCE);
      const count = Math.ceil(wanted / chunks);
      const firsts = Array.from({ length: chunks }, (_, index) => start + seeds + index * count);
      const wave = await all(firsts.map((first) => this.chunk(candidate, kind, { first, count })));
      parts.push(...wave);
      seeds += count * chunks;
      tested += wave.reduce((total, part) => total + part.commits.length, 0);
      if (this.ends(candidate)) {
        break;
      }
    }
    return parts;
  }

  private ends(candidate: Candidate): boolean {
    return this.stopped || this.faulty.has(candidate);
  }

  private async noting<T>(candidate: Candidate, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      this.faulty.add(candidate);
      throw error;
    }
  }

  private async chunk(
    candidate: Candidate,
    crash: LabCrashKind,
    { first, count }: { readonly first: number; readonly count: number },
  ): Promise<StormResult> {
    const { runner, profile, crashes } = this.options;
    const policy = candidate.reference;
    const result = await this.turns.take(() =>
      this.ends(candidate)
        ? NOTHING_RUN
        : this.noting(candidate, runner.storm({ policy, crash, profile, first, count })),
    );
    this.progress(Math.min(1, result.commits.length / crashes) * STORM_SHARE);
    return result;
  }

  private async price(candidate: Candidate, device: DeviceName): Promise<DevicePrice[]> {
    const { runner } = this.options;
    const found = await this.turns.take(() =>
      this.ends(candidate)
        ? undefined
        : this.noting(candidate, runner.price({ policy: candidate.reference, device })),
    );
    this.progress(PRICE_WEIGHT);
    return found === undefined ? [] : [{ device, ...found.price }];
  }

  private progress(amount: number): void {
    this.done += amount;
    this.options.onProgress(Math.min(1, this.done / Math.max(1, this.planned)));
  }
}

/** How much of the work on one kind of crash its storms are; the rest is shrinking what broke. */
const STORM_SHARE = 0.9;

/** How long a price takes, with the crashes of one kind as the unit. */
const PRICE_WEIGHT = 0.15;

const NOTHING_RUN: StormResult = {
  kind: "storm",
  commits: [],
  bytes: [],
  milliseconds: [],
  ageMs: [],
  conditions: [],
  upgrades: 0,
  consistency: { prefix: 0, hole: 0, corrupt: 0 },
  failures: [],
};

function isControl({ policy }: Candidate): boolean {
  return policy.control === true;
}

function isSame(one: LabPolicy, other: LabPolicy): boolean {
  return (
    one.decide === other.decide &&
    one.acknowledgeAt === other.acknowledgeAt &&
    one.omitsSync === other.omitsSync &&
    (one.control ?? false) === (other.control ?? false) &&
    JSON.stringify(one.promise) === JSON.stringify(other.promise)
  );
}

/** What was found about the first of several policies that are the same, for another of them. */
function renamed(
  outcome: CandidateOutcome,
  candidate: Candidate,
  { policy }: Candidate,
): CandidateOutcome {
  if (outcome.kind === "fault") {
    return outcome;
  }
  const { crashes, prices } = outcome.report;
  const report = policyReport(candidate, crashes, [prices]);
  return { kind: "report", report: { ...report, sameAs: policy.name } };
}

function policyReport(
  { policy, reference }: Candidate,
  crashes: readonly CrashReport[],
  prices: readonly (readonly DevicePrice[])[],
): PolicyReport {
  return {
    name: policy.name,
    about: policy.about ?? "",
    ...(policy.origin === undefined ? {} : { origin: policy.origin }),
    control: policy.control === true,
    ...(reference.file === undefined ? {} : { file: reference.file }),
    promise: policy.promise,
    verdict: policyVerdict(crashes),
    crashes,
    prices: prices.flat(),
  };
}

/** All of them, also those that are still running when one fails: nothing runs on unseen. */
async function all<T>(work: readonly Promise<T>[]): Promise<T[]> {
  const outcomes = await Promise.allSettled(work);
  return outcomes.map((outcome) => {
    if (outcome.status === "rejected") {
      throw outcome.reason;
    }
    return outcome.value;
  });
}
