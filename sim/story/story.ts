import type { RunResult } from "../run/run-scenario.ts";
import { countOperations, type Scenario } from "../scenario/scenario.ts";
import type { EngineSpec } from "../scenario/store-spec.ts";
import { StoryLines } from "./story-lines.ts";

/** More events than this before the last crash, and only what leads up to it is told. */
const EVENTS_MAX = 120;

/**
 * A broken run in words: what was asked, what the disk was told, the crash and what survived it, what the
 * recovery read, and what was expected against what was found. Needs a result with its trace.
 */
export function tellStory(scenario: Scenario, result: RunResult): readonly string[] {
  const { trace = [], violation } = result;
  const lines = new StoryLines(scenario);
  const told = trace.flatMap((event) => lines.tell(event));
  return [
    ...settings(scenario, result),
    "",
    ...shortened(told),
    "",
    ...(violation === undefined
      ? ["nothing is broken"]
      : [
          `broken ${violation.property}: ${violation.message}`,
          ...violation.details.map((detail) => `  ${detail.split("\n")[0] ?? ""}`),
        ]),
  ];
}

/** "1 operation, 2 crashes". */
export function sizeText(operations: number, crashes: number): string {
  const calls = operations === 1 ? "1 operation" : `${operations} operations`;
  return `${calls}, ${crashes === 1 ? "1 crash" : `${crashes} crashes`}`;
}

function settings(scenario: Scenario, { crashes }: RunResult): readonly string[] {
  const { policy, profile, engine, diskSectorBytes } = scenario;
  const { kind, ...numbers } = policy;
  const options = Object.entries(numbers).map(([name, value]) => `${name} ${value}`);
  const policyText = options.length === 0 ? kind : `${kind} (${options.join(", ")})`;
  return [
    `${sizeText(countOperations(scenario), crashes)}; policy ${policyText} on ${profile}`,
    `log files of ${engine.segmentBytes} bytes, batches of at most ${engine.batchBytesMax}, ` +
      `sectors of ${engine.sectorBytes} (disk: ${diskSectorBytes}), ${engine.isolation}`,
    ...pageOptions(engine),
    ...scenario.faults.map((fault) => `fault: ${JSON.stringify(fault)}`),
  ];
}

function pageOptions(engine: EngineSpec): readonly string[] {
  const { pageBytes, cacheBytes, checkpointBytes, transactionBytesMax } = engine;
  const options = [
    ["pages of", pageBytes],
    ["a cache of", cacheBytes],
    ["checkpoints every", checkpointBytes],
    ["transactions in memory up to", transactionBytesMax],
  ] as const;
  const set = options.flatMap(([what, bytes]) =>
    bytes === undefined ? [] : [`${what} ${bytes} bytes`],
  );
  return set.length === 0 ? [] : [set.join(", ")];
}

function shortened(told: readonly string[]): readonly string[] {
  if (told.length <= EVENTS_MAX) {
    return told;
  }
  const left = told.length - EVENTS_MAX;
  return [`... ${left} lines before this are left out`, ...told.slice(-EVENTS_MAX)];
}
