import { isSeawallError } from "../base/errors.ts";
import type { ScrubCounts } from "../platform/read-copies.ts";
import type { DoubleWrite } from "./double-write.ts";
import type { PageFile } from "./page-file.ts";
import type { Problem } from "./verify.ts";

/** What was found of pages, and of the double-write areas. */
export interface PagesScrubbed extends ScrubCounts {
  /** Pages that no copy holds whole. */
  readonly problems: readonly Problem[];
}

/** See `StorageManager.scrub`. What is repaired is durable when this resolves. */
export async function scrubPages(
  pageFile: PageFile,
  doubleWrite: DoubleWrite,
  pageCount: number,
): Promise<PagesScrubbed> {
  const counts = { repaired: 0, notRepaired: 0 };
  const problems: Problem[] = [];
  for (let page = 0; page < pageCount; page += 1) {
    const scrubbed = await scrubPage(pageFile, page);
    switch (scrubbed.kind) {
      case "repaired":
        counts.repaired += 1;
        break;
      case "not-repaired":
        counts.notRepaired += 1;
        break;
      case "damaged":
        problems.push({ page, what: scrubbed.what });
        break;
      case "same":
    }
  }
  const areas = await doubleWrite.scrub();
  // A failure of this sync is one of the pages that were written before, too.
  await pageFile.datasync();
  return {
    repaired: counts.repaired + areas.repaired,
    notRepaired: counts.notRepaired + areas.notRepaired,
    problems,
  };
}

type ScrubbedPage =
  | { readonly kind: "same" | "repaired" | "not-repaired" }
  | { readonly kind: "damaged"; readonly what: string };

async function scrubPage(pageFile: PageFile, page: number): Promise<ScrubbedPage> {
  try {
    const { kind, found } = await pageFile.scrub(page);
    return found.kind === "page"
      ? { kind }
      : { kind: "damaged", what: pageFile.refusal(page, found).message };
  } catch (error) {
    if (!isSeawallError(error)) {
      throw error;
    }
    return { kind: "damaged", what: error.message };
  }
}
