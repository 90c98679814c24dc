import type { FileIO } from "../../engine/platform/file-io.ts";
import { interceptFiles } from "../../sim/lab/intercepted-files.ts";

/** A planted bug: the store forgets to sync the contents of its files. The names it still syncs. */
export function withoutFileSyncs(files: FileIO): FileIO {
  return interceptFiles(files, {
    sync: async ({ kind }, sync) => {
      if (kind === "directory") {
        await sync();
      }
    },
  });
}
