import {
  type BrokenPart,
  conditionOf,
  EmptyStores,
  generateLabScenario,
  judgeCrash,
  type LabCondition,
  type LabCrashKind,
  type LabEvent,
  type LabHistory,
  type LabPolicy,
  type LabScenario,
  LabStuckError,
  PolicyError,
  type Price,
  promisedFor,
  runLab,
  shrinkLabScenario,
  stepLab,
  stepPrice,
} from "../../sim/lab/index.ts";
import type { EnginePort } from "../../sim/index.ts";
import { createDrain, type Drain, inMacroTask, settle } from "../micro-tasks.ts";
import { withTripwire } from "../tripwire.ts";
import type { PriceTask, ShrinkResult, ShrinkTask, StormResult, StormTask } from "./lab-task.ts";
import type { StormFailure } from "./lab-task.ts";
import { PolicyLoader } from "./policy-reference.ts";

/** Shrinking begins with the shortest of the scenarios that failed. */
const SHRINK_FROM = 3;

/** A story as short as this needs no shorter one. */
const SMALL_STEPS = 3;

export interface ExperimenterOptions {
  /** A mutant, or another build. @defaultValue the engine itself */
  readonly engine?: EnginePort;
  /** Where policies are from. @defaultValue what ships with the lab, and files */
  readonly loader?: Pick<PolicyLoader, "load">;
}

/** Runs the experiments of tasks, one at a time, the fastest way that this runtime has. */
export class Experimenter {
  /** Undefined where micro-tasks cannot be drained synchronously. */
  private readonly drain: Drain | undefined;
  private readonly engine: EnginePort | undefined;
  private readonly loader: Pick<PolicyLoader, "load">;
  private readonly stores = new EmptyStores();

  private constructor(drain: Drain | undefined, options: ExperimenterOptions) {
    this.drain = drain;
    this.engine = options.engine;
    this.loader = options.loader ?? new PolicyLoader();
  }

  static async create(options: ExperimenterOptions = {}): Promise<Experimenter> {
    return new Experimenter(await inMacroTask(createDrain), options);
  }

  /** @throws PolicyError */
  async storm(task: Omit<StormTask, "kind">): Promise<StormResult> {
    const policy = await this.loader.load(task.policy);
    const promise = promisedFor(task.crash, policy.promise);
    const tally = new Tally();
    for (let seed = task.first; seed < task.first + task.count; seed += 1) {
      const scenario = scenarioOf(seed, task);
      const history = await this.run(scenario, policy);
      const judged = judgeCrash(history, task.crash, promise);
      tally.add(judged, { seed, steps: scenario.steps.length }, conditionOf(scenario));
    }
    return tally.result();
  }

  /** The smallest scenario that any of the seeds leads to. @throws PolicyError */
  async shrink(task: Omit<ShrinkTask, "kind">): Promise<ShrinkResult> {
    const policy = await this.loader.load(task.policy);
    let best: { readonly seed: number; readonly scenario: LabScenario } | undefined;
    for (const seed of task.seeds.slice(0, SHRINK_FROM)) {
      const scenario = await this.shrinkOne(scenarioOf(seed, task), policy);
      if (best === undefined || scenario.steps.length < best.scenario.steps.length) {
        best = { seed, scenario };
      }
      if (best.scenario.steps.length <= SMALL_STEPS) {
        break;
      }
    }
    if (best === undefined) {
      throw new RangeError("shrinking needs a seed that fails");
    }
    return { kind: "shrink", ...best, ...(await this.tell(best.scenario, policy)) };
  }

  /** Runs a scenario once more and says what happened. @throws PolicyError */
  async tell(
    scenario: LabScenario,
    policy: LabPolicy,
  ): Promise<{ message: string; part: BrokenPart; story: LabEvent[] }> {
    const story: LabEvent[] = [];
    const history = await this.run(scenario, policy, (event) => story.push(event));
    const broken = judge(history, scenario.crash, policy);
    return {
      message: broken?.message ?? "nothing is broken",
      part: broken?.part ?? "consistency",
      story,
    };
  }

  /** What breaks in a scenario; undefined when nothing does. @throws PolicyError */
  async replay(scenario: LabScenario, policy: LabPolicy): Promise<ReturnType<typeof judge>> {
    return judge(await this.run(scenario, policy), scenario.crash, policy);
  }

  /** @throws PolicyError */
  async price(task: Omit<PriceTask, "kind">): Promise<Price> {
    const policy = await this.loader.load(task.policy);
    const { drain } = this;
    const steps = stepPrice({ policy, device: task.device, drain });
    return this.finish(steps);
  }

  private async shrinkOne(scenario: LabScenario, policy: LabPolicy): Promise<LabScenario> {
    const { drain } = this;
    const part = judge(await this.run(scenario, policy), scenario.crash, policy)?.part;
    if (drain === undefined) {
      return scenario;
    }
    const stillBreaks = (candidate: LabScenario): boolean => {
      const history = runLab(candidate, { ...this.options(policy), drain });
      const { crash } = candidate;
      const judged = judgeCrash(history, crash, promisedFor(crash, policy.promise));
      return judged.tested && judged.broken?.part === part;
    };
    return inMacroTask(() => withTripwire(() => shrinkLabScenario(scenario, stillBreaks).scenario));
  }

  private async run(
    scenario: LabScenario,
    policy: LabPolicy,
    onEvent?: (event: LabEvent) => void,
  ): Promise<LabHistory> {
    try {
      return await this.finish(stepLab(scenario, { ...this.options(policy), onEvent }));
    } catch (error) {
      throw error instanceof LabStuckError
        ? new PolicyError(`policy "${policy.name}": ${error.message} (seed ${scenario.seed})`)
        : error;
    }
  }

  private options(policy: LabPolicy): Omit<Parameters<typeof stepLab>[1], "onEvent"> {
    const { stores, drain, engine } = this;
    return { policy, stores, drain, ...(engine === undefined ? {} : { engine }) };
  }

  /** To the end in one macro-task, or, where nothing can be drained, with a macro-task for every step. */
  private async finish<T>(steps: Generator<undefined, T, undefined>): Promise<T> {
    if (this.drain !== undefined) {
      return inMacroTask(() => withTripwire(() => resultOf(steps.next())));
    }
    for (;;) {
      const { done, value } = steps.next();
      if (done === true) {
        return value;
      }
      await settle();
    }
  }
}

function resultOf<T>(step: IteratorResult<undefined, T>): T {
  if (step.done !== true) {
    throw new TypeError("a run that drains micro-tasks itself has no reason to yield");
  }
  return step.value;
}

function scenarioOf(
  seed: number,
  { crash, profile }: Pick<StormTask, "crash" | "profile">,
): LabScenario {
  return generateLabScenario(String(seed), { crash, profile });
}

function judge(
  history: LabHistory,
  crash: LabCrashKind,
  policy: LabPolicy,
): ReturnType<typeof judgeCrash>["broken"] {
  return judgeCrash(history, crash, promisedFor(crash, policy.promise)).broken;
}

class Tally {
  private readonly commits: number[] = [];
  private readonly bytes: number[] = [];
  private readonly milliseconds: number[] = [];
  private readonly ageMs: number[] = [];
  private readonly conditions: (LabCondition | undefined)[] = [];
  private readonly consistency = { prefix: 0, hole: 0, corrupt: 0 };
  private readonly failures: StormFailure[] = [];
  private upgrades = 0;

  add(
    judged: ReturnType<typeof judgeCrash>,
    run: Omit<StormFailure, "part">,
    condition: LabCondition | undefined,
  ): void {
    if (!judged.tested) {
      return;
    }
    this.commits.push(judged.loss.commits);
    this.bytes.push(judged.loss.bytes);
    this.milliseconds.push(judged.loss.milliseconds);
    this.ageMs.push(judged.loss.ageMs);
    this.conditions.push(condition);
    this.consistency[judged.consistency] += 1;
    this.upgrades += judged.upgradeTested ? 1 : 0;
    if (judged.broken !== undefined) {
      this.failures.push({ ...run, part: judged.broken.part });
    }
  }

  result(): StormResult {
    const { commits, bytes, milliseconds, ageMs, conditions } = this;
    const { consistency, failures, upgrades } = this;
    const lists = { commits, bytes, milliseconds, ageMs, conditions };
    return { kind: "storm", ...lists, consistency, failures, upgrades };
  }
}
