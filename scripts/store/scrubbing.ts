import { SILENT_LOGGER } from "../../engine/base/logger.ts";
import { Database } from "../../engine/database.ts";
import type { CopyCount } from "../../engine/platform/mirrored-files.ts";
import type { RepairedPlace } from "../../engine/platform/mirrored-file.ts";
import type { Platform } from "../../engine/platform/platform.ts";
import type { ScrubReport } from "../../engine/recovery/scrub-store.ts";
import { namesInStore } from "./store-directory.ts";

/** What became of a store that was scrubbed. */
export interface Scrubbed {
  readonly directory: string;
  readonly copies: CopyCount;
  readonly report: ScrubReport;
  /** Where copies were mended, by the open, too. Paths without the directory. */
  readonly repairs: readonly RepairedPlace[];
}

/**
 * Opens a store, scrubs it, and closes it.
 *
 * @throws SeawallError as `Database.open`, `scrub` and `close`; UsageError for a directory that is no store's.
 */
export async function scrubDirectory(platform: Platform, directory: string): Promise<Scrubbed> {
  await namesInStore(platform.files, directory);
  const repairs: RepairedPlace[] = [];
  const logger = repairLogger(directory, repairs);
  const db = await Database.open({ directory, platform, createIfMissing: false, logger });
  let report: ScrubReport;
  try {
    report = await db.scrub();
  } finally {
    await db.close();
  }
  return { directory, copies: db.stats().copies, report, repairs };
}

/** Notes where copies are mended. */
export function repairLogger(directory: string, repairs: RepairedPlace[]): typeof SILENT_LOGGER {
  return {
    ...SILENT_LOGGER,
    warn: (details) => {
      const { event, path, offset, bytes } = details;
      if (event === "mirror.repaired" && typeof path === "string") {
        const name = path.replace(`${directory}/`, "");
        repairs.push({ path: name, offset: Number(offset), bytes: Number(bytes) });
      }
    },
  };
}
