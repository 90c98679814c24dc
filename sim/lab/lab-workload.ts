import type { Database } from "../../engine/database.ts";
import { commitWrites } from "./lab-contents.ts";
import type { LabCommit } from "./lab-history.ts";
import type { LabScenario, LabStep } from "./lab-scenario.ts";
import type { LabWorld } from "./lab-world.ts";

/** How a workload tells what happens. */
export interface LabTeller {
  /** Microseconds since the store opened. */
  readonly nowUs: number;
  tell(text: string): void;
}

/** What a scenario asks of its store, step by step, and what it is answered. */
export class LabWorkload {
  readonly commits: LabCommit[] = [];
  /** Commit numbers that an explicit sync, or a durable commit, made durable. */
  upgradedThrough = 0;
  acknowledged = 0;
  private readonly world: LabWorld;
  private readonly steps: LabScenario["steps"];
  private readonly teller: LabTeller;
  private stepsBegun = 0;
  private callsOpen = 0;

  constructor(world: LabWorld, steps: LabScenario["steps"], teller: LabTeller) {
    this.world = world;
    this.steps = steps;
    this.teller = teller;
  }

  /** Each step begins at its time, from now on. */
  schedule(db: Database): void {
    this.steps.forEach((step, index) => {
      this.world.scheduler.schedule(step.atUs, () => this.begin(db, step, index));
    });
  }

  /** Whether a step is to come, or was not answered yet. */
  get isBusy(): boolean {
    return this.stepsBegun < this.steps.length || this.callsOpen > 0;
  }

  private begin(db: Database, step: LabStep, index: number): void {
    this.stepsBegun += 1;
    if (step.kind === "clock-jump") {
      this.world.clock.jumpWall(step.byMs);
      this.teller.tell(`the wall clock is set by ${step.byMs} ms`);
    } else if (step.kind === "sync") {
      this.sync(db);
    } else {
      this.commit(db, step, index);
    }
  }

  private sync(db: Database): void {
    const through = this.highestAcknowledged();
    this.teller.tell("somebody calls db.sync()");
    this.callsOpen += 1;
    void db.sync().then(
      () => {
        this.callsOpen -= 1;
        this.upgradedThrough = Math.max(this.upgradedThrough, through);
        this.teller.tell("db.sync() resolves");
      },
      () => {
        this.callsOpen -= 1;
      },
    );
  }

  private commit(db: Database, step: Extract<LabStep, { bytes: number }>, index: number): void {
    const commit: LabCommit = {
      step: index,
      bytes: step.bytes,
      calledUs: this.teller.nowUs,
      acknowledgedUs: undefined,
      number: undefined,
      rejected: false,
    };
    this.commits.push(commit);
    const durable = step.kind === "durable-commit";
    this.teller.tell(`commit ${index + 1} is called${durable ? ", to be durable" : ""}`);
    this.callsOpen += 1;
    void db.batch(commitWrites(index, step.bytes), durable ? { sync: true } : {}).then(
      ({ commitNumber }) => {
        this.callsOpen -= 1;
        this.acknowledged += 1;
        commit.acknowledgedUs = this.teller.nowUs;
        commit.number = commitNumber;
        this.teller.tell(`commit ${index + 1} is acknowledged`);
        if (durable) {
          this.upgradedThrough = Math.max(this.upgradedThrough, commitNumber);
        }
      },
      () => {
        this.callsOpen -= 1;
        commit.rejected = true;
        this.teller.tell(`commit ${index + 1} is refused`);
      },
    );
  }

  private highestAcknowledged(): number {
    return this.commits.reduce((highest, { number = 0 }) => Math.max(highest, number), 0);
  }
}
