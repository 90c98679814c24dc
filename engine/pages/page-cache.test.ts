import { expect, test } from "vitest";
import { emptyDisk, filesOf, openPages, PAGE_BYTES } from "../../properties/support/page-disk.ts";
import { RecordedLog } from "../../properties/support/recorded-log.ts";
import type { VirtualStore } from "../../properties/support/virtual-store.ts";
import { lsn } from "../base/units.ts";
import { makeLeaf } from "../../properties/support/make-leaf.ts";
import type { LeafNode } from "./leaf-node.ts";
import { PageCache } from "./page-cache.ts";
import type { CachedPage } from "./cached-page.ts";
import type { PageLog } from "./dirty-pages.ts";
import { whenResident } from "./page-lease.ts";

interface Opened {
  readonly cache: PageCache;
  readonly log: RecordedLog<string>;
}

async function openCache(world: VirtualStore, pages: number, log?: PageLog): Promise<Opened> {
  const { pageFile, doubleWrite } = await openPages(filesOf(world));
  const recorded = new RecordedLog<string>();
  const options = { pageFile, doubleWrite, bytesMax: pages * PAGE_BYTES };
  return { cache: new PageCache({ ...options, log: log ?? recorded }), log: recorded };
}

function leafWith(text: string): LeafNode {
  return makeLeaf(["k"], [Uint8Array.from(text, (letter) => letter.charCodeAt(0))]);
}

function textOf(page: CachedPage): string {
  const value = page.node.kind === "leaf" ? page.node.valueAt(0) : undefined;
  return value instanceof Uint8Array ? String.fromCharCode(...value) : "?";
}

function change(cache: PageCache, log: RecordedLog<string>, page: CachedPage): void {
  if (page.node.kind === "leaf") {
    page.node.set(
      "k",
      Uint8Array.from("new", (letter) => letter.charCodeAt(0)),
    );
  }
  cache.stamp(page, log.write("change"));
}

test("more pages than the cache holds are written, evicted and loaded again", async () => {
  const world = await emptyDisk();
  await world.run(async () => {
    const { cache, log } = await openCache(world, 4);
    for (let id = 0; id < 200; id += 1) {
      cache.install(id, leafWith(`page ${id}`), log.write("install"));
    }
    expect(cache.residentPages).toBe(200);
    await cache.trim();
    expect(cache.residentPages).toBe(4);
    for (let id = 0; id < 200; id += 1) {
      expect(textOf(await cache.load(id))).toBe(`page ${id}`);
    }
    expect(cache.residentPages).toBeLessThanOrEqual(4);
    expect(cache.dirtyPages()).toEqual([]);
  });
});

test("a page is written only when the log is durable up to its last change", async () => {
  const world = await emptyDisk();
  await world.run(async () => {
    const { cache, log } = await openCache(world, 4);
    cache.install(0, leafWith("old"), log.write("install"));
    cache.install(1, leafWith("old"), log.write("install"));
    log.write("something later");
    await cache.flush();
    expect(log.durableCount).toBe(2);
  });
});

test("a log that is not durable when it says so stops the write", async () => {
  const world = await emptyDisk();
  await world.run(async () => {
    const liar: PageLog = { isDurable: () => false, durable: async () => await Promise.resolve() };
    const { cache } = await openCache(world, 4, liar);
    cache.install(0, leafWith("old"), lsn(5));
    await expect(cache.flush()).rejects.toThrow("would overtake the log");
    expect(await cache.pageFile.read(0)).toEqual({ kind: "zeros" });
    expect(cache.dirtyPages()).toEqual([{ pageId: 0, recoveryLsn: 5 }]);
  });
});

test("a page that is changed while it is written stays dirty, from the new change on", async () => {
  const world = await emptyDisk();
  const { cache, log } = await world.run(async () => await openCache(world, 4));
  const page = cache.install(0, leafWith("old"), log.write("install"));
  change(cache, log, page);
  expect(cache.dirtyPages()).toEqual([{ pageId: 0, recoveryLsn: 10 }]);
  const flushing = cache.flush();
  await world.runSteps(3, async () => await flushing);
  change(cache, log, page);
  // The disk may not have the first change yet.
  expect(cache.dirtyPages()).toEqual([{ pageId: 0, recoveryLsn: 10 }]);
  await world.run(async () => await flushing);
  expect(cache.dirtyPages()).toEqual([{ pageId: 0, recoveryLsn: 30 }]);
  expect(await world.run(async () => await cache.pageFile.read(0))).toMatchObject({ lsn: 20 });
  await world.run(async () => await cache.flush());
  expect(await world.run(async () => await cache.pageFile.read(0))).toMatchObject({ lsn: 30 });
  expect(cache.dirtyPages()).toEqual([]);
});

test("a flush can be limited to pages that are dirty since long ago", async () => {
  const world = await emptyDisk();
  await world.run(async () => {
    const { cache, log } = await openCache(world, 4);
    for (const id of [0, 1, 2]) {
      cache.install(id, leafWith("x"), log.write("install"));
    }
    await cache.flush(lsn(20));
    expect(cache.dirtyPages().map(({ pageId }) => pageId)).toEqual([1, 2]);
  });
});

test("two loads of a page read it once, and pinned pages stay", async () => {
  const world = await emptyDisk();
  await world.run(async () => {
    const { cache, log } = await openCache(world, 2);
    for (let id = 0; id < 8; id += 1) {
      cache.install(id, leafWith(`page ${id}`), log.write("install"));
    }
    await cache.trim();
    expect(cache.peek(0)).toBeUndefined();
    const before = cache.counts.loads;
    cache.pin(0);
    const [a, b] = await Promise.all([cache.load(0), cache.load(0)]);
    expect(a).toBe(b);
    expect(cache.counts.loads).toBe(before + 1);
    for (let id = 1; id < 8; id += 1) {
      await cache.load(id);
    }
    expect(cache.peek(0)).toBe(a);
    cache.unpin(0);
    expect(() => {
      cache.unpin(0);
    }).toThrow("pin of page 0");
  });
});

test("an operation that needs more pages than the cache holds comes to its end", async () => {
  const world = await emptyDisk();
  await world.run(async () => {
    const { cache, log } = await openCache(world, 1);
    const ids = [0, 1, 2, 3, 4];
    for (const id of ids) {
      cache.install(id, leafWith("x"), log.write("install"));
    }
    await cache.trim();
    const result = await whenResident(cache, () => {
      const page = ids.find((id) => cache.peek(id) === undefined);
      return page === undefined
        ? { kind: "done" as const }
        : { kind: "missing" as const, cache, page };
    });
    expect(result).toEqual({ kind: "done" });
    expect(cache.residentPages).toBe(5);
    await cache.trim();
    expect(cache.residentPages).toBe(1);
  });
});

test("damage is refused when the page is loaded, and missing for redo", async () => {
  const world = await emptyDisk();
  await world.run(async () => {
    const { cache } = await openCache(world, 2);
    await expect(cache.load(7)).rejects.toMatchObject({ code: "CORRUPTION" });
    expect(await cache.loadIfWhole(7)).toBeUndefined();
  });
});

test("a flush writes what another one, which began before it, could not write", async () => {
  const world = await emptyDisk();
  await world.run(async () => {
    const { cache, log } = await openCache(world, 2);
    cache.install(0, leafWith("x"), log.write("install"));
    const later: Promise<void>[] = [];
    let tries = 0;
    world.fault(({ kind }) => {
      if (kind !== "preallocate" || tries === 2) {
        return undefined;
      }
      // The page is being written: neither dirty nor durable.
      tries += 1;
      later.push(...(tries === 1 ? [cache.flush()] : []));
      return { kind: "error", code: "ENOSPC" };
    });
    const [first] = await Promise.allSettled([cache.flush()]);
    const [second] = await Promise.allSettled(later);
    expect([first.status, second?.status]).toEqual(["rejected", "fulfilled"]);
    expect(cache.dirtyPages()).toEqual([]);
    expect(await cache.pageFile.read(0)).toMatchObject({ kind: "page", lsn: 10 });
  });
});

test("a flush that ran out of space loses nothing and can be repeated", async () => {
  const world = await emptyDisk();
  await world.run(async () => {
    const { cache, log } = await openCache(world, 2);
    cache.install(0, leafWith("x"), log.write("install"));
    world.fault(({ kind }) =>
      kind === "preallocate" ? { kind: "error", code: "ENOSPC" } : undefined,
    );
    await expect(cache.flush()).rejects.toMatchObject({ code: "NO_SPACE" });
    expect(cache.dirtyPages()).toEqual([{ pageId: 0, recoveryLsn: 10 }]);
    world.fault(undefined);
    await cache.flush();
    expect(cache.dirtyPages()).toEqual([]);
  });
});
