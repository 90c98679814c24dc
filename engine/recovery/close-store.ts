import { isSeawallError } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import type { CommitNumber } from "../base/units.ts";
import type { WalManager } from "../log/wal-manager.ts";
import type { StorageManager } from "../pages/storage-manager.ts";
import type { FileLock } from "../platform/file-io.ts";
import { doing } from "../platform/io-errors.ts";
import type { Checkpointer } from "./checkpointer.ts";
import type { ControlFile } from "./control-file.ts";

/** What an open store holds. */
export interface StoreParts {
  readonly log: WalManager;
  readonly storage: StorageManager;
  readonly control: ControlFile;
  readonly checkpointer: Checkpointer;
  readonly lock: FileLock;
  readonly logger: Logger;
}

/** Bounds a Close record. */
const CLOSE_BYTES = 16;

/**
 * Makes everything durable, in pages as far as there is room, and logs that it is: the next open has nothing
 * to redo. Where only pages could not be written, the log alone still makes commits durable. `failed`: the
 * store had failed before it was closed, which its caller was told then.
 *
 * @throws SeawallError `OUTCOME_UNKNOWN`, `IO`.
 */
export async function finishStore(
  parts: StoreParts,
  lastCommit: CommitNumber,
  failed: boolean,
): Promise<void> {
  const { log } = parts;
  if (log.failure !== undefined) {
    if (failed) {
      return;
    }
    // It failed only now, in what close itself waited for: a close that resolves would say that all is durable.
    throw log.failure;
  }
  await log.sync();
  if (failed) {
    return;
  }
  await ifRoom(parts, () => parts.checkpointer.checkpoint());
  log.useLastSector();
  await ifRoom(parts, () => log.waitForRoom(CLOSE_BYTES));
  if (log.hasRoom(CLOSE_BYTES)) {
    log.beginGroup(CLOSE_BYTES);
    log.append({ kind: "close", commitNumber: lastCommit });
    await log.sync();
  }
}

/** Without room the next open has more of the log to read, or finds it unclosed. No loss. */
async function ifRoom({ logger }: StoreParts, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isSeawallError(error, "NO_SPACE")) {
      throw error;
    }
    const details = { event: "close.no-room", error };
    logger.warn(details, "no room to close the log in good order");
  }
}

/** Closes everything, also when something of it fails. @throws the first failure. */
export async function letGo({ log, storage, control, lock }: StoreParts): Promise<void> {
  const outcomes = [
    // First what writes: a write that is under way must not land in the next opening's files.
    ...(await Promise.allSettled([doing("closing the log", log.close())])),
    ...(await Promise.allSettled([storage.close(), control.close()])),
    ...(await Promise.allSettled([doing("unlocking the store", lock.release())])),
  ];
  for (const outcome of outcomes) {
    if (outcome.status === "rejected") {
      throw outcome.reason;
    }
  }
}
