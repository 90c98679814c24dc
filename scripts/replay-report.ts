import pico from "picocolors";
import type { FailureRecord, Replay, RunResult, Scenario, Violation } from "../sim/index.ts";
import { screenHasColors } from "./cli/colors.ts";
import { EXIT, type ExitStatus } from "./cli/exit-status.ts";

const EVENTS_MAX = 8;

type Colors = ReturnType<typeof pico.createColors>;

/** Says what a replay showed; each method returns the exit status that follows. */
export class ReplayReport {
  readonly #write: (text: string) => void;
  readonly #colors: Colors;

  constructor(write: (text: string) => void, colors: boolean = screenHasColors()) {
    this.#write = write;
    this.#colors = pico.createColors(colors);
  }

  /** Two runs of a bare seed. */
  seed(scenario: Scenario, first: RunResult, second: RunResult): ExitStatus {
    const name = `seed ${scenario.seed}`;
    this.#trace(first);
    this.#line(`${name}: ${about(scenario)}`);
    if (first.traceHash !== second.traceHash) {
      const word = this.#colors.yellow("diverged");
      this.#line(`${word} two runs left the traces ${first.traceHash} and ${second.traceHash}`);
      this.#violation(first.violation);
      return EXIT.untrusted;
    }
    if (first.violation !== undefined) {
      this.#line(`${this.#colors.red("broken")} ${counts(first)}`);
      this.#violation(first.violation);
      return first.violation.property === "harness" ? EXIT.untrusted : EXIT.broken;
    }
    if (first.checks === 0 && first.over === "refused") {
      const why = "the store refused what the device had done before anything could be compared";
      this.#line(`${this.#colors.green("held")} ${why}; ${counts(first)}`);
      return EXIT.held;
    }
    if (first.checks === 0) {
      this.#line(`${this.#colors.yellow("vacuous")} nothing was checked; ${counts(first)}`);
      return EXIT.untrusted;
    }
    this.#line(`${this.#colors.green("held")} ${counts(first)}`);
    return EXIT.held;
  }

  /** One run of a record. */
  record(file: string, record: FailureRecord, replay: Replay): ExitStatus {
    this.#trace(replay.result);
    this.#line(`${file}: seed ${record.seed}, ${about(record.scenario)}`);
    this.#line(`recorded ${record.violation.property}: ${record.violation.message}`);
    if (record.note !== undefined) {
      this.#line(`note: ${record.note}`);
    }
    if (record.mutant !== undefined) {
      this.#line(`planted bug: ${record.mutant}`);
    }
    const step = replay.step === undefined ? "" : ` by step ${replay.step}`;
    const why = replay.why === undefined ? "" : ` (${replay.why})`;
    switch (replay.outcome) {
      case "same": {
        const path = step === "" ? "the same failure, step by step" : "the same property again";
        this.#line(`${this.#colors.red("same")} ${path}${why}; ${counts(replay.result)}`);
        this.#events(replay);
        this.#violation(replay.result.violation);
        return EXIT.broken;
      }
      case "fixed":
        this.#line(`${this.#colors.green("fixed")}${why}; ${counts(replay.result)}`);
        this.#events(replay);
        return EXIT.held;
      case "diverged":
        this.#line(`${this.#colors.yellow("diverged")}${step}${why}; ${counts(replay.result)}`);
        this.#events(replay);
        this.#violation(replay.result.violation);
        return EXIT.untrusted;
    }
  }

  /** What the run did where it left the recorded path: there the engine, or the simulator, has changed. */
  #events({ step, events = [] }: Replay): void {
    if (step !== undefined && events.length > 0) {
      this.#line(`  step ${step}, where the record went another way:`);
      events.slice(0, EVENTS_MAX).forEach((event) => this.#line(`    ${event}`));
    }
  }

  /** A file among records that is none. */
  unreadable(reason: string): ExitStatus {
    this.#line(`${this.#colors.yellow("unreadable")} ${reason}`);
    return EXIT.untrusted;
  }

  #trace(result: RunResult): void {
    result.trace?.forEach((event) => this.#line(event));
  }

  #violation(violation: Violation | undefined): void {
    if (violation !== undefined) {
      this.#line(`  ${violation.property}: ${violation.message}`);
      violation.details.forEach((detail) => this.#line(`    ${detail.replaceAll("\n", "\n    ")}`));
    }
  }

  #line(text: string): void {
    this.#write(`${text}\n`);
  }
}

function about({ policy, profile }: Scenario): string {
  return `${policy.kind} on ${profile}`;
}

function counts(result: RunResult): string {
  return (
    `${result.operations} operations, ${result.crashes} crashes, ${result.checks} checks, ` +
    `${result.steps} steps, trace ${result.traceHash}`
  );
}
