import { isAllZero } from "../../engine/base/bytes.ts";
import { DOUBLE_WRITE_NAMES } from "../../engine/pages/double-write.ts";
import { readAreaBytes } from "../../engine/pages/area-copies.ts";
import { readArea } from "../../engine/pages/double-write-format.ts";
import type { PageId } from "../../engine/pages/page-format.ts";
import type { FileIO } from "../../engine/platform/file-io.ts";
import type { PageShape } from "./page-scan.ts";

/** What a double-write area holds. `unused`: no batch was ever put there. */
export interface AreaContent {
  readonly file: string;
  readonly kind: "missing" | "unused" | "complete" | "incomplete" | "foreign";
  readonly batchNumber?: number;
  /** No page in place bore a higher LSN when the batch was written. */
  readonly logLsn?: number;
  readonly pages?: readonly PageId[];
}

export async function scanAreas(
  files: FileIO,
  directory: string,
  shape: PageShape,
): Promise<AreaContent[]> {
  const areas: AreaContent[] = [];
  for (const file of DOUBLE_WRITE_NAMES) {
    areas.push({ file, ...(await scanArea(files, `${directory}/${file}`, shape)) });
  }
  return areas;
}

async function scanArea(
  files: FileIO,
  path: string,
  shape: PageShape,
): Promise<Omit<AreaContent, "file">> {
  const stat = await files.stat(path);
  if (stat?.kind !== "file") {
    return { kind: "missing" };
  }
  const file = await files.open(path, "read");
  try {
    const bytes = await readAreaBytes(file, shape);
    const found = readArea(bytes, shape);
    if (found.kind === "complete") {
      const pages = found.images.map(({ pageId }) => pageId);
      return { kind: "complete", batchNumber: found.batchNumber, logLsn: found.logLsn, pages };
    }
    return { kind: found.kind === "incomplete" && isAllZero(bytes) ? "unused" : found.kind };
  } finally {
    await file.close();
  }
}
