import { ABSENT, FOREIGN } from "../scenario/values.ts";
import type { CommitLog } from "./commit-log.ts";
import type { Attempt } from "./history.ts";
import type { RecoveryCase } from "./recovery-case.ts";
import type { PropertyName } from "./verdict.ts";

export interface Explanation {
  readonly property: PropertyName;
  readonly message: string;
  readonly details: readonly string[];
}

/** How far from the expected state one key is. */
interface Difference {
  readonly rank: number;
  readonly expected: number;
  readonly found: number;
  readonly property: PropertyName;
  readonly why: string;
}

/** The gravest first: what says most about the cause gives the whole its name. */
const GRAVITY: readonly PropertyName[] = ["P6", "P7", "P4", "P2", "P3"];

/** Says which property a state breaks that is no prefix of the commit order. */
export function explainWrongState(given: RecoveryCase, expected: Int32Array): Explanation {
  const found = given.recovered.state;
  const differences: Difference[] = [];
  for (const [rank, content] of expected.entries()) {
    const actual = found[rank] ?? ABSENT;
    if (actual !== content) {
      differences.push(explainKey(given, rank, content));
    }
  }
  const property =
    GRAVITY.find((name) => differences.some((difference) => difference.property === name)) ?? "P3";
  const first = differences.find((difference) => difference.property === property);
  return {
    property,
    message: first?.why ?? "the state is not the one after any commit",
    details: [
      `compared with the state after commit ${given.recovered.last}, as reported`,
      ...differences.slice(0, 8).map((difference) => describe(given, difference)),
    ],
  };
}

function describe({ wording }: RecoveryCase, difference: Difference): string {
  const { rank, expected, found, why } = difference;
  return `${wording.key(rank)}: expected ${wording.content(expected)}, found ${wording.content(found)}: ${why}`;
}

function explainKey(given: RecoveryCase, rank: number, expected: number): Difference {
  const found = given.recovered.state[rank] ?? ABSENT;
  const reason = found === ABSENT ? undefined : explainPresence(given, found);
  return { rank, expected, found, ...(reason ?? explainAbsence(given, rank, expected)) };
}

interface Reason {
  readonly property: PropertyName;
  readonly why: string;
}

/** Why a value must not be there at all; undefined when it is a value of an accepted commit. */
function explainPresence(given: RecoveryCase, found: number): Reason | undefined {
  const { log, authors, recovered } = given;
  const writers = authors.of(found);
  if (found === FOREIGN || writers.length === 0) {
    return { property: "P6", why: "a value that nobody ever wrote" };
  }
  if (writers.some((writer) => isBase(log, writer) || isAccepted(log, writer, recovered.last))) {
    return undefined;
  }
  if (writers.some((writer) => writer.lost)) {
    return { property: "P7", why: "an earlier recovery had come up without this value" };
  }
  const later = writers.find((writer) => writer.number > recovered.last && isInLog(log, writer));
  if (later !== undefined) {
    return explainPartial(given, later);
  }
  if (writers.some((writer) => writer.mayHaveLanded)) {
    return { property: "P3", why: "a commit in flight is there beside the reported ones" };
  }
  const states = writers.map((writer) => writer.state).join(", ");
  return { property: "P4", why: `its transaction never committed (${states})` };
}

function isInLog(log: CommitLog, attempt: Attempt): boolean {
  return log.at(attempt.number) === attempt;
}

function isAccepted(log: CommitLog, attempt: Attempt, last: number): boolean {
  return isInLog(log, attempt) && attempt.number <= last;
}

function isBase(log: CommitLog, attempt: Attempt): boolean {
  return !attempt.lost && attempt.number > 0 && attempt.number <= log.base;
}

/** The value is missing or an older one is back: the last commit that wrote the key left no trace here. */
function explainAbsence(given: RecoveryCase, rank: number, expected: number): Reason {
  const { log, recovered } = given;
  for (let number = recovered.last; number > log.base; number -= 1) {
    const attempt = log.at(number);
    if (attempt?.writes.has(rank) === true) {
      return explainPartial(given, attempt);
    }
  }
  const what = expected === ABSENT ? "a deleted value is back" : "a value is gone";
  return { property: "P7", why: `${what} that an earlier recovery had settled` };
}

/** Some writes of the commit are there and others not: torn. All or none of them: a hole in the order. */
function explainPartial({ log, recovered }: RecoveryCase, attempt: Attempt): Reason {
  let present = 0;
  let missing = 0;
  for (const [rank, content] of attempt.writes) {
    if (recovered.state[rank] === content) {
      present += 1;
    } else if (!isCovered(log, recovered.last, attempt, rank)) {
      missing += 1;
    }
  }
  if (present > 0 && missing > 0) {
    const parts = `${present} of its writes are there, ${missing} are not`;
    return { property: "P2", why: `commit ${attempt.number} is torn: ${parts}` };
  }
  return present > 0
    ? { property: "P3", why: `commit ${attempt.number} is there and an earlier one is not` }
    : { property: "P3", why: `commit ${attempt.number} is missing and a later one is not` };
}

function isCovered(log: CommitLog, last: number, attempt: Attempt, rank: number): boolean {
  for (let number = attempt.number + 1; number <= last; number += 1) {
    if (log.at(number)?.writes.has(rank) === true) {
      return true;
    }
  }
  return false;
}
