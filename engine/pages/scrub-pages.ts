import { isSeawallError } from "../base/errors.ts";
import type { PageCache } from "./page-cache.ts";
import type { PageId } from "./page-format.ts";

/** What came of reading a page from the disk, in all of its copies. */
export type ScrubbedPage =
  | { readonly kind: "same" | "repaired" | "not-repaired" }
  /** No copy holds it whole. */
  | { readonly kind: "damaged"; readonly what: string };

/**
 * Reads a page from the disk, and makes its copies the same. One that the disk does not have yet, or not any
 * more, counts as whole while it is in memory and going to be written.
 */
export async function scrubPage(cache: PageCache, pageId: PageId): Promise<ScrubbedPage> {
  for (let wasDirty = false; ;) {
    const scrubbed = await readFromDisk(cache, pageId);
    if (scrubbed.kind !== "damaged" || cache.isDirty(pageId)) {
      return scrubbed.kind === "damaged" ? { kind: "same" } : scrubbed;
    }
    if (wasDirty) {
      return scrubbed;
    }
    // It may have been written since it was read.
    wasDirty = true;
  }
}

async function readFromDisk({ pageFile }: PageCache, pageId: PageId): Promise<ScrubbedPage> {
  try {
    const { kind, found } = await pageFile.scrub(pageId);
    return found.kind === "page"
      ? { kind }
      : { kind: "damaged", what: pageFile.refusal(pageId, found).message };
  } catch (error) {
    if (!isSeawallError(error)) {
      throw error;
    }
    return { kind: "damaged", what: error.message };
  }
}
