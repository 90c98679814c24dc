import type { PageCache } from "./page-cache.ts";
import type { PageId } from "./page-format.ts";

/** An operation needs this page, which is not resident. It has changed nothing. */
export interface MissingPage {
  readonly kind: "missing";
  readonly cache: PageCache;
  readonly page: PageId;
  /** More pages that it needs, as far as that is known. */
  readonly others?: readonly PageId[];
}

/** Pages that are kept in memory together, however small their caches. */
export class PageLease {
  readonly #held = new Map<PageCache, Set<PageId>>();

  async hold({ cache, page, others = [] }: MissingPage): Promise<void> {
    await Promise.all([page, ...others].map((id) => this.#holdOne(cache, id)));
  }

  release(): void {
    for (const [cache, pages] of this.#held) {
      for (const page of pages) {
        cache.unpin(page);
      }
    }
    this.#held.clear();
  }

  async #holdOne(cache: PageCache, page: PageId): Promise<void> {
    const held = this.#held.get(cache) ?? new Set<PageId>();
    this.#held.set(cache, held);
    if (!held.has(page)) {
      held.add(page);
      cache.pin(page);
    }
    await cache.load(page);
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
  const lease = new PageLease();
  try {
    for (;;) {
      const result = attempt();
      if (!isMissing(result)) {
        return result;
      }
      await lease.hold(result);
    }
  } finally {
    lease.release();
  }
}

function isMissing(result: { readonly kind: string }): result is MissingPage {
  return result.kind === "missing";
}
