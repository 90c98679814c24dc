import * as seawall from "../../engine/index.ts";
import type { VirtualDisk } from "../disk/virtual-disk.ts";
import { Life } from "../oracle/history.ts";
import type { Violation } from "../oracle/verdict.ts";
import { policyOf } from "../run/engine-port.ts";
import type { RunSettings } from "../run/run-scenario.ts";
import { type Quiescence, settled } from "../run/stepping.ts";
import { World, type WorldOptions } from "../run/world.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { Court } from "./court.ts";
import {
  type Bound,
  type Exploration,
  type ExplorationCounts,
  type FoundViolation,
  noCounts,
} from "./exploration.ts";
import { LazySurvivals } from "./lazy-survivals.ts";
import { EXPLORED_KINDS, type ExploredKind, markOf, type Moment, type Strike } from "./moment.ts";
import { type Outcome, OutcomeBook } from "./outcome-book.ts";
import { type PendingLayout, pendingLayout } from "./pending-units.ts";
import type { Known } from "./read-set.ts";
import { EXACT_TIMERS, Recovery } from "./recovery.ts";
import { replayOf } from "./replay-of.ts";
import { SurvivalScript } from "./survival-script.ts";
import { plansOf, tailVariants, type Tier, type WeighedPlan } from "./survival-tiers.ts";
import { Workload } from "./workload.ts";

export interface ExploreSettings extends Pick<RunSettings, "engine" | "wrapFiles"> {
  readonly bound: Bound;
  /** Outcomes tried, at most. @defaultValue no limit */
  readonly statesMax?: number;
  /** Asked before each outcome, and told how far it is; true ends the exploration. */
  readonly isSpent?: (counts: ExplorationCounts) => boolean;
  /** End with the first broken property. @defaultValue false */
  readonly bail?: boolean;
  /** Runs all micro-tasks. Without it the exploration yields instead. */
  readonly drain?: () => boolean;
}

/** While something goes on that may be struck at every change. */
interface Span {
  readonly what: string;
  readonly isOver: () => boolean;
  /** Whether the last change may be struck too: not when it ended what a nested crash would strike. */
  readonly strikesAtEnd: boolean;
}

/** One moment, one kind of crash, and what is known of its outcomes. */
interface Place {
  readonly moment: Moment;
  readonly kind: ExploredKind;
  readonly layout: PendingLayout;
  /** Crashes that may still follow. */
  readonly depth: number;
  /** By digest, what was asked of the images that this crash may leave. */
  readonly images: Map<string, Known<Outcome>>;
}

/**
 * Runs a workload once, and at every moment at which that makes a difference takes the disk as it is, lets it
 * crash in every way that the bound holds, recovers, reads back and judges; and so on in each recovery, as
 * deep as the bound goes. A call in flight counts as not made: that it took effect is a later moment.
 */
export class Explorer {
  readonly #scenario: Scenario;
  readonly #settings: ExploreSettings;
  readonly #options: WorldOptions;
  readonly #counts = noCounts();
  readonly #found = new Map<string, FoundViolation>();
  readonly #book = new OutcomeBook();
  readonly #struckProcesses = new Set<string>();
  readonly #workload: Workload;
  readonly #court: Court;
  #isSpent = false;

  /**
   * The scenario's own crashes and faults are left out: an exploration makes its own crashes. So is an order
   * by priority, which would begin anew in each world.
   */
  constructor(scenario: Scenario, settings: ExploreSettings) {
    const { schedule: _, ...byTime } = scenario;
    this.#scenario = { ...byTime, creation: [], cycles: [], faults: [] };
    this.#settings = settings;
    const { engine = seawall, wrapFiles, drain } = settings;
    this.#options = {
      engine,
      policy: policyOf(scenario.policy, engine),
      record: true,
      tapes: EXACT_TIMERS,
      ...(wrapFiles === undefined ? {} : { wrapFiles }),
      ...(drain === undefined ? {} : { drain }),
    };
    this.#workload = new Workload(new World(this.#scenario, this.#options));
    const { values, authors, streams, disk } = this.#workload.world;
    const continues = { disk: disk.clone(), values, authors, streams, nowUs: 0, steps: 0 };
    this.#court = new Court(new World(this.#scenario, { ...this.#options, continues }));
  }

  *run(): Quiescence<Exploration> {
    const { world } = this.#workload;
    yield* this.#exploreWorkload();
    if (world.violation !== undefined) {
      this.#broken(world.violation, []);
    }
    const { bound } = this.#settings;
    const broken = [...this.#found.values()];
    const complete = !this.#isSpent && this.#counts.cutShort === 0;
    return { bound, counts: this.#counts, complete, broken };
  }

  *#exploreWorkload(): Quiescence<void> {
    const workload = this.#workload;
    const { world } = workload;
    const depth = this.#settings.bound.depth - 1;
    const start = { world, since: world.scheduler.steps, path: [], endings: [] };
    const opening = workload.open();
    const isOpen = (): boolean => opening.result !== undefined;
    const creation: Moment = { ...start, phase: "creation", life: undefined };
    const open: Span = { what: "open", isOver: isOpen, strikesAtEnd: false };
    if (!(yield* this.#along(creation, open, depth))) {
      return;
    }
    const life = yield* workload.begin();
    if (life === undefined) {
      return;
    }
    const since = world.scheduler.steps;
    const isOver = (): boolean => workload.isDone;
    const work: Span = { what: "the clients' work", isOver, strikesAtEnd: true };
    yield* this.#along({ ...start, since, phase: "life", life }, work, depth);
  }

  /** Strikes at every change on the way. False when a property broke. */
  *#along(moment: Moment, span: Span, depth: number): Quiescence<boolean> {
    const { world } = moment;
    let last = "";
    const isChanged = (): boolean => markOf(moment) !== last;
    for (;;) {
      const until = (): boolean => isChanged() || span.isOver();
      if (!(yield* settled(world, span.what, until))) {
        return false;
      }
      const isOver = span.isOver();
      if (isChanged() && (!isOver || span.strikesAtEnd)) {
        last = markOf(moment);
        yield* this.#strike(moment, depth);
      }
      if (isOver) {
        return true;
      }
    }
  }

  *#strike(moment: Moment, depth: number): Quiescence<void> {
    if (this.#spent()) {
      return;
    }
    this.#counts.crashPoints[moment.phase] += 1;
    for (const kind of EXPLORED_KINDS) {
      const { atStake } = moment.world.disk;
      const layout = kind === "process" ? NOTHING_PENDING : pendingLayout(atStake);
      const place: Place = { moment, kind, layout, depth, images: new Map() };
      const { bound } = this.#settings;
      const tier = moment.path.length === 0 ? bound.tier : bound.nestedTier;
      yield* this.#tryTiers(place, kind === "process" ? 0 : tier);
      if (tier === 3) {
        yield* this.#tryLazily(place, new LazySurvivals(atStake, layout));
      }
    }
  }

  *#tryTiers(place: Place, tier: Tier): Quiescence<void> {
    for (const planned of plansOf(place.layout, tier)) {
      const waiting: WeighedPlan[] = [planned];
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        if (this.#spent()) {
          return;
        }
        const script = new SurvivalScript(place.layout, next.plan);
        yield* this.#try(place, script);
        if (next.weight < tier) {
          waiting.push(...tailVariants(next, script.tailBounds));
        }
      }
    }
  }

  *#tryLazily(place: Place, survivals: LazySurvivals): Quiescence<void> {
    let tried = 0;
    for (let next = survivals.next(); next !== undefined; next = survivals.next()) {
      tried += 1;
      if (this.#spent() || tried > LAZY_RUNS_MAX) {
        this.#counts.cutShort += 1;
        return;
      }
      const known = yield* this.#try(place, new SurvivalScript(place.layout, next.weighed.plan));
      next.told(known.asked);
    }
  }

  /** One outcome of a crash: recovers from it, unless it is known what comes of that, and judges. */
  *#try(place: Place, script: SurvivalScript): Quiescence<Known<Outcome>> {
    const { moment, kind, images } = place;
    const image = moment.world.disk.clone();
    image.crash(kind, script);
    this.#counts.states += 1;
    const digest = image.digest("visible");
    const before = images.get(digest);
    if (before !== undefined) {
      this.#counts.sameHere += 1;
      image.dispose();
      return before;
    }
    const { phase, since, world } = moment;
    const strike: Strike = {
      world,
      phase,
      kind,
      steps: world.scheduler.steps - since,
      landing: world.disk.inFlight.landing,
      survival: script.taken,
    };
    const known = yield* this.#outcomeOf(place, { image, digest, strike });
    images.set(digest, known);
    image.dispose();
    return known;
  }

  *#outcomeOf(place: Place, struck: StruckImage): Quiescence<Known<Outcome>> {
    const { moment, depth } = place;
    const { image, digest, strike } = struck;
    const known = this.#book.find(image, digest);
    const path = [...moment.path, strike];
    const endings = [...moment.endings, strike.kind];
    if (known !== undefined && !this.#goesDeeper(place, struck, known.outcome)) {
      this.#counts[known.by === "image" ? "sameImage" : "readAlike"] += 1;
      this.#judge({ ...moment, path, endings }, known.outcome);
      return known;
    }
    this.#counts.recoveries += 1;
    const recovery = new Recovery(moment.world, image.clone(), this.#options);
    const { world } = recovery;
    const phase = moment.life === undefined ? "creation" : "recovery";
    const since = world.scheduler.steps;
    const recovering: Moment = { world, phase, since, life: moment.life, path, endings };
    if (depth > 0) {
      const isOver = (): boolean => recovery.opening.result !== undefined;
      yield* this.#along(recovering, { what: "open", isOver, strikesAtEnd: false }, depth - 1);
    }
    const recovered = yield* recovery.finish();
    const outcome: Outcome = { recovered, struckDepth: depth };
    const fresh = { outcome, asked: recovery.asked };
    this.#book.add(image, digest, fresh);
    const held = this.#judge(recovering, outcome);
    if (held && depth > 0 && recovered.kind === "state") {
      const life = new Life(recovered.report.lastCommitNumber, recovered.state);
      const now = world.scheduler.steps;
      const reopened: Moment = { world, phase: "reopened", since: now, life, path, endings: [] };
      yield* this.#strike(reopened, depth - 1);
    }
    world.disk.dispose();
    return fresh;
  }

  /** Whether a known recovery has to run all the same, because nobody has struck it often enough. */
  #goesDeeper({ kind, depth }: Place, { image, digest }: StruckImage, outcome: Outcome): boolean {
    if (depth === 0) {
      return false;
    }
    if (kind === "power") {
      const isNew = outcome.struckDepth < depth;
      outcome.struckDepth = Math.max(outcome.struckDepth, depth);
      return isNew;
    }
    // What a dead process leaves is pending still: that is not in what programs see.
    const key = `${depth} ${image.sequence} ${digest} ${image.digest("durable")}`;
    const isNew = !this.#struckProcesses.has(key);
    this.#struckProcesses.add(key);
    return isNew;
  }

  #judge(moment: Moment, { recovered }: Outcome): boolean {
    this.#counts.judged += 1;
    const broken = this.#court.judge(moment, recovered);
    if (broken !== undefined) {
      this.#broken(broken, moment.path);
    }
    return broken === undefined;
  }

  #broken(broken: Violation, path: readonly Strike[]): void {
    const before = this.#found.get(broken.property);
    if (before !== undefined) {
      before.times += 1;
      return;
    }
    this.#found.set(broken.property, {
      violation: broken,
      path: path.map(({ phase, kind, steps }) => `${kind} crash ${steps} steps into ${phase}`),
      replayable: replayOf(this.#scenario, path, this.#workload.begun),
      times: 1,
    });
  }

  #spent(): boolean {
    const { statesMax = Infinity, isSpent, bail } = this.#settings;
    const hasBroken = bail === true && this.#found.size > 0;
    this.#isSpent ||=
      this.#counts.states >= statesMax || hasBroken || isSpent?.(this.#counts) === true;
    return this.#isSpent;
  }
}

interface StruckImage {
  readonly image: VirtualDisk;
  readonly digest: string;
  readonly strike: Strike;
}

/** Of one crash point: fourteen units that matter, tried in full. */
const LAZY_RUNS_MAX = 2 ** 14;

const NOTHING_PENDING: PendingLayout = { units: [], operations: [] };
