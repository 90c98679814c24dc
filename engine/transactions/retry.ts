import { isSeawallError } from "../base/errors.ts";
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
