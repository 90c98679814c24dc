import { assignUnnumbered, type CommitLog } from "./commit-log.ts";
import { explainWrongState, type Explanation } from "./explain.ts";
import type { RecoveryCase } from "./recovery-case.ts";
import { violation, type Violation } from "./verdict.ts";

/**
 * The heart of the oracle: after a crash the state must be the one after some prefix of the commit
 * order, which holds everything that had to survive and nothing that was never asked for. On success the
 * log knows every commit up to the recovered one.
 */
export function judgeRecovery(given: RecoveryCase): Violation | undefined {
  return judgeReach(given) ?? judgeState(given) ?? judgeGlimpsed(given);
}

function judgeReach(given: RecoveryCase): Violation | undefined {
  const { log, recovered, floor, context } = given;
  if (recovered.last < floor) {
    return violation("P1", `commit ${floor} had to survive and did not`, [
      context,
      `recovered up to commit ${recovered.last}`,
      ...lostCommits(given),
    ]);
  }
  if (recovered.last > log.lastPossible) {
    return violation("P4", `recovered up to commit ${recovered.last}, which was never made`, [
      context,
      `the highest number that can have been given is ${log.lastPossible}`,
    ]);
  }
  return undefined;
}

/** By now every commit that landed has its number. */
function judgeGlimpsed({ glimpsed, recovered, context }: RecoveryCase): Violation | undefined {
  for (const { client, number } of glimpsed) {
    if (number === 0 || number > recovered.last) {
      return violation("P1", "a commit that a reader saw did not survive", [
        context,
        `client ${client} had not been answered when the crash came`,
      ]);
    }
  }
  return undefined;
}

function lostCommits({ log, recovered, floor }: RecoveryCase): readonly string[] {
  const lines: string[] = [];
  for (let number = recovered.last + 1; number <= floor && lines.length < 5; number += 1) {
    const attempt = log.at(number);
    if (attempt !== undefined) {
      lines.push(`lost: commit ${number} of client ${attempt.client} (${attempt.state})`);
    }
  }
  return lines;
}

function judgeState(given: RecoveryCase): Violation | undefined {
  const { log, recovered } = given;
  if (log.emptySlots(recovered.last) > 0) {
    const { last, state: found } = recovered;
    // With those that readers saw, or, when that is impossible, without: which is then said.
    const assigned =
      assignUnnumbered(log, { last, found, landed: [...given.glimpsed] }) ??
      assignUnnumbered(log, { last, found, landed: [] });
    for (const [number, attempt] of assigned ?? []) {
      attempt.number = number;
      log.fill(number, attempt);
    }
    if (assigned !== undefined) {
      return undefined;
    }
  }
  const expected = log.stateAt(recovered.last);
  return expected.every((content, rank) => content === recovered.state[rank])
    ? undefined
    : wrongState(given, expected);
}

function wrongState(given: RecoveryCase, expected: Int32Array): Violation {
  const { property, message, details } = classify(given, expected);
  return given.damaged
    ? violation("P6", `damage was not detected: ${message}`, [given.context, ...details])
    : violation(property, message, [given.context, ...details]);
}

function classify(given: RecoveryCase, expected: Int32Array): Explanation {
  const { log, recovered, floor } = given;
  const matching = prefixThatMatches(log, recovered.state);
  if (matching === undefined) {
    return explainWrongState(given, expected);
  }
  return {
    property: matching < floor ? "P1" : "P3",
    message: `the state is that after commit ${matching}, but ${recovered.last} is reported`,
    details: [`at least commit ${floor} had to survive`],
  };
}

/** The prefix whose state was found, when there is one. */
function prefixThatMatches(log: CommitLog, found: Int32Array): number | undefined {
  for (let number = log.last; number >= log.base; number -= 1) {
    if (log.stateAt(number).every((content, rank) => content === found[rank])) {
      return number;
    }
  }
  return undefined;
}
