import type { FileIO } from "../../engine/platform/file-io.ts";
import { interceptFiles } from "./intercepted-files.ts";
import type { LabPolicy } from "./lab-policy.ts";

/** The disk without the syncs that the policy leaves out. */
export function withPolicySyncs(files: FileIO, { omitsSync }: LabPolicy): FileIO {
  if (omitsSync === undefined) {
    return files;
  }
  let writtenLast = "";
  return interceptFiles(files, {
    write: (path, write) => {
      writtenLast = path;
      return write();
    },
    sync: async (call, sync) => {
      if (!omitsSync({ ...call, writtenLast: call.path === writtenLast })) {
        await sync();
      }
    },
  });
}
