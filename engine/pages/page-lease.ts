import type { PageCache } from "./page-cache.ts";
import type { PageId } from "./page-format.ts";

/** An operation needs this page, which is not resident. It has changed nothing. */
export interface MissingPage {
  readonly kind: "missing";
  readonly page: PageId;
  /** More pages that it needs, as far as that is known. */
  readonly others?: readonly PageId[];
}

/** Pages that are kept in memory together, however small the cache. */
export class PageLease {
  readonly #cache: PageCache;
  readonly #held = new Set<PageId>();

  constructor(cache: PageCache) {
    this.#cache = cache;
  }

  async hold(page: PageId): Promise<void> {
    if (!this.#held.has(page)) {
      this.#held.add(page);
      this.#cache.pin(page);
    }
    await this.#cache.load(page);
  }

  release(): void {
    for (const page of this.#held) {
      this.#cache.unpin(page);
    }
    this.#held.clear();
  }
}

/**
 * Tries until nothing is missing. What was loaded for an attempt is pinned for the next ones: with fewer
 * pages of cache than the operation needs it would otherwise evict one to load the other, for ever.
 * What must happen at once belongs inside the attempt: a commit prepares all of its changes there, and
 * then makes them.
 */
export async function whenResident<R extends { readonly kind: string }>(
  cache: PageCache,
  attempt: () => R | MissingPage,
): Promise<R> {
  if (cache.isOverLimit) {
    await cache.trim();
  }
  const lease = new PageLease(cache);
  try {
    for (;;) {
      const result = attempt();
      if (!isMissing(result)) {
        return result;
      }
      const pages = [result.page, ...(result.others ?? [])];
      await Promise.all(pages.map((page) => lease.hold(page)));
    }
  } finally {
    lease.release();
  }
}

function isMissing(result: { readonly kind: string }): result is MissingPage {
  return result.kind === "missing";
}
