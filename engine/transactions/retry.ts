import { isSeawallError, SeawallError } from "../base/errors.ts";
import type { WalManager } from "../log/wal-manager.ts";

/**
 * Tries again while others' commits conflict. First waits until they are visible: a commit is logged
 * before it may be seen, and a new attempt would run into the same one.
 */
export async function retryConflicts<T>(
  attemptsMax: number,
  log: WalManager,
  attempt: () => Promise<T>,
): Promise<T> {
  for (let attempts = 1; ; attempts += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!isSeawallError(error, "CONFLICT") || attempts >= attemptsMax) {
        throw error;
      }
    }
    await log.published();
  }
}

/** @throws SeawallError `INVALID_ARGUMENT` when untyped code hands over something else. */
export function refuseRun(work: unknown, attemptsMax = 1): void {
  if (typeof work !== "function") {
    throw new SeawallError("INVALID_ARGUMENT", "the work of a transaction must be a function");
  }
  if (!Number.isSafeInteger(attemptsMax) || attemptsMax < 1) {
    throw new SeawallError(
      "INVALID_ARGUMENT",
      `attemptsMax must be a whole number from 1, not ${String(attemptsMax)}`,
    );
  }
}
