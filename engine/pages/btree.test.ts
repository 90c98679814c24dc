import { expect, test } from "vitest";
import { emptyDisk, PAGE_BYTES } from "../../properties/support/page-disk.ts";
import { keyOf, PageTree, sortedEntries, valueOf } from "../../properties/support/page-tree.ts";
import type { TreeOptions } from "../../properties/support/page-tree.ts";
import { lsn } from "../base/units.ts";
import { BTree } from "./btree.ts";
import { makeLeaf } from "../../properties/support/make-leaf.ts";
import { makeBranch } from "./node.ts";
import { whenResident } from "./page-lease.ts";

async function withTree(
  options: TreeOptions,
  work: (tree: PageTree) => Promise<void>,
): Promise<void> {
  const world = await emptyDisk();
  await world.run(async () => {
    const tree = await PageTree.create(world, options);
    await work(tree);
    expect(await tree.problems()).toEqual([]);
  });
}

const ROOMY: TreeOptions = { cachePages: 1000 };

/** Keys that differ only at their end. */
function long(n: number): string {
  return "p".repeat(1010) + String(n).padStart(5, "0");
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

test("an empty tree finds nothing", async () => {
  await withTree(ROOMY, async ({ tree }) => {
    expect(tree.get("a")).toEqual({ kind: "absent" });
    expect(tree.delete("a")).toEqual({ kind: "absent" });
    expect(tree.read({ reverse: true, limit: 9 })).toEqual({ kind: "entries", entries: [] });
    expect(tree.pageCount).toBe(2);
    await Promise.resolve();
  });
});

test.each([
  ["ascending", (n: number) => n],
  ["descending", (n: number) => 999 - n],
  ["mixed", (n: number) => (n * 619) % 1000],
])("a thousand keys in %s order are found again, and all can be removed", async (_, order) => {
  await withTree(ROOMY, async (tree) => {
    const model = new Map<string, Uint8Array>();
    for (const n of numbers(1000).map(order)) {
      await tree.put(keyOf(n), valueOf(n, n % 40));
      model.set(keyOf(n), valueOf(n, n % 40));
    }
    expect(await tree.all()).toEqual(sortedEntries(model));
    expect(await tree.problems()).toEqual([]);
    for (const n of numbers(1000).map((i) => order((i * 389) % 1000))) {
      expect(await tree.delete(keyOf(n))).toBe(true);
    }
    expect(await tree.all()).toEqual([]);
    expect(tree.tree.pageCount - tree.tree.freePageCount).toBe(2);
  });
});

test("keys that arrive in ascending order fill their pages", async () => {
  await withTree(ROOMY, async (tree) => {
    for (const n of numbers(2000)) {
      await tree.put(String(n).padStart(10, "0"), valueOf(n, 84));
    }
    // 100 bytes an entry: 50 pages, were they all full to the last byte.
    expect(tree.tree.pageCount).toBeLessThan(56);
  });
});

test("evening out two leaves can make their separator too long for the parent, which splits", async () => {
  await withTree(ROOMY, async (tree) => {
    const separators = ["b", long(10), long(20), long(30)];
    const leaves = [
      makeLeaf(["a", "aa"], [valueOf(1, 700), valueOf(2, 700)]),
      makeLeaf(
        [1, 2, 3].map(long),
        [1, 2, 3].map((n) => valueOf(n, 200)),
      ),
      ...[10, 20, 30].map((n) => makeLeaf([long(n)], [valueOf(n, 9)])),
    ];
    const children = leaves.map((leaf) => {
      const id = leaves.indexOf(leaf) + 2;
      return tree.cache.install(id, leaf, tree.log.next).id;
    });
    tree.cache.install(1, makeBranch(separators, children), tree.log.next);
    const meta = { kind: "meta" as const, pageBytes: PAGE_BYTES, freeHead: 0, freeCount: 0 };
    tree.cache.install(0, { ...meta, root: 1, pageCount: 7 }, lsn(tree.log.next + 1));
    tree.log.write({ kind: "leaf", change: { pageId: 0, key: "", value: undefined } });
    tree.log.write({ kind: "leaf", change: { pageId: 0, key: "", value: undefined } });
    expect(await tree.problems()).toEqual([]);
    expect(tree.change("aa", undefined).kind).toBe("changed");
    expect(tree.tree.pageCount).toBe(9);
    const keys = (await tree.all()).map(([key]) => key);
    expect(keys).toEqual(["a", ...[1, 2, 3, 10, 20, 30].map(long)]);
  });
});

test("freed pages are used again, once they may be", async () => {
  let allowed = false;
  await withTree({ ...ROOMY, mayReuse: () => allowed }, async (tree) => {
    const fill = async (): Promise<number> => {
      for (const n of numbers(300)) {
        await tree.put(keyOf(n), valueOf(n, 50));
      }
      const { pageCount } = tree.tree;
      for (const n of numbers(300)) {
        await tree.delete(keyOf(n));
      }
      return pageCount;
    };
    const first = await fill();
    const second = await fill();
    expect(second).toBeGreaterThan(first + 20);
    allowed = true;
    expect(await fill()).toBe(second);
  });
});

test.each([0, 1, 1024, 1025, 4051, 4052, 4053, 50_000])(
  "a value of %i bytes comes back as it was, and leaves nothing behind",
  async (length) => {
    await withTree(ROOMY, async (tree) => {
      const key = "k".repeat(1024);
      for (const n of [1, 2]) {
        await tree.put(key, valueOf(n, length));
        expect(await tree.get(key)).toEqual(valueOf(n, length));
        expect(await tree.problems()).toEqual([]);
      }
      await tree.delete(key);
      expect(tree.tree.pageCount - tree.tree.freePageCount).toBe(2);
    });
  },
);

test("a change that goes into a structure record is logged once, and the others by the caller", async () => {
  await withTree(ROOMY, async ({ tree, log }) => {
    const before = log.records.length;
    const small = tree.put("a", valueOf(1, 10));
    expect(small).toEqual({ kind: "changed", page: 1, old: undefined, logged: undefined });
    expect(() => tree.put("b", valueOf(1, 10))).toThrow("was not logged");
    expect(() => {
      tree.stamp(7, log.next);
    }).toThrow("page 1 was changed");
    tree.stamp(1, log.write({ kind: "leaf", change: { pageId: 1, key: "a", value: undefined } }));
    const large = tree.put("b", valueOf(1, 9000));
    expect(log.records).toHaveLength(before + 2);
    const last = log.records.at(-1);
    expect(large).toEqual({ kind: "changed", page: 1, old: undefined, logged: last?.lsn });
    expect(last?.record).toMatchObject({ kind: "structure", change: { change: { key: "b" } } });
    await Promise.resolve();
  });
});

test("the largest entries of a leaf still split into pages that fit", async () => {
  await withTree(ROOMY, async (tree) => {
    // Were the middle one not in overflow pages, it would fit beside neither of the others.
    for (const [letter, length] of [
      ["a", 1000],
      ["c", 1000],
      ["b", 1024],
    ] as const) {
      await tree.put(letter.repeat(1024), valueOf(1, length));
    }
    expect((await tree.all()).map(([, value]) => value.length)).toEqual([1000, 1024, 1000]);
  });
});

test("a chain of overflow pages that is not as long as its value is refused", async () => {
  const world = await emptyDisk();
  await world.run(async () => {
    const { cache, tree } = await PageTree.create(world, ROOMY);
    tree.put("k", valueOf(1, 9000));
    for (let id = 2; id < tree.pageCount; id += 1) {
      const page = await cache.load(id);
      page.node = { kind: "overflow", next: 0, chunk: valueOf(1, 10) };
    }
    const refused = "CORRUPTION";
    for (const use of [
      () => tree.get("k"),
      () => tree.delete("k"),
      () => tree.put("k", valueOf(1, 1)),
    ]) {
      expect(use).toThrow(expect.objectContaining({ code: refused }));
    }
  });
});

test("when a structure change cannot be logged, nothing has changed", async () => {
  await withTree(ROOMY, async ({ cache, tree, log }) => {
    const other = await BTree.open({
      cache,
      log: {
        append: () => {
          throw new RangeError("no room in the log");
        },
      },
    });
    const content = (): string => {
      const node = cache.peek(1)?.node;
      return node?.kind === "leaf"
        ? JSON.stringify([node.keys(), node.keys().map((key) => node.get(key)), node.bytes])
        : "";
    };
    const before = content();
    expect(() => other.put("k", valueOf(1, 9000))).toThrow("no room in the log");
    expect(content()).toBe(before);
    expect([tree.pageCount, log.records.length]).toEqual([2, 1]);
    expect(other.get("k")).toEqual({ kind: "absent" });
  });
});

test("an operation that misses a page changes nothing and says which", async () => {
  await withTree({ cachePages: 4 }, async (tree) => {
    for (const n of numbers(500)) {
      await tree.put(keyOf(n), valueOf(n, 60));
    }
    await tree.cache.flush();
    const records = tree.log.records.length;
    const missing = numbers(500).filter((n) => tree.tree.get(keyOf(n)).kind === "missing");
    expect(missing.length).toBeGreaterThan(100);
    for (const n of missing) {
      const put = tree.tree.put(keyOf(n), valueOf(n, 2000));
      expect(put).toEqual(tree.tree.get(keyOf(n)));
      expect(tree.tree.delete(keyOf(n))).toEqual(put);
    }
    expect(tree.log.records).toHaveLength(records);
    expect(tree.cache.dirtyPages()).toEqual([]);
  });
});

test("changes that are all prepared succeed without waiting, whatever they split and merge", async () => {
  await withTree({ cachePages: 4 }, async (tree) => {
    for (const n of numbers(400)) {
      await tree.put(keyOf(n), valueOf(n, n % 5 === 0 ? 3000 : 60));
    }
    for (let round = 0; round < 40; round += 1) {
      const batch = numbers(30).map((i) => (round * 37 + i * (round % 3 === 0 ? 1 : 13)) % 400);
      const valueFor = (n: number): Uint8Array | undefined =>
        (n + round) % 3 === 0 ? undefined : valueOf(n, (n + round) % 4 === 0 ? 5000 : 700);
      const changes = batch.map((n) => [keyOf(n), valueFor(n)] as const);
      await whenResident(tree.cache, () => {
        const prepared = changes.map(([key, value]) => tree.tree.prepare(key, value));
        const missing = prepared.find(({ kind }) => kind === "missing");
        if (missing !== undefined) {
          return missing;
        }
        for (const [key, value] of changes) {
          expect(tree.change(key, value).kind).not.toBe("missing");
        }
        return { kind: "done" };
      });
    }
  });
});

test("a tree is opened as it was left; another page size or no tree is refused", async () => {
  const world = await emptyDisk();
  await world.run(async () => {
    const { cache, log, tree } = await PageTree.create(world, ROOMY);
    tree.stamp(1, tree.put("a", valueOf(1, 5)).kind === "changed" ? log.next : lsn(0));
    const options = { cache, log: { append: () => log.next } };
    const again = await BTree.open(options);
    expect(again.get("a")).toEqual({ kind: "value", value: valueOf(1, 5) });
    cache.install(0, { kind: "free", next: 0 }, lsn(1000));
    await expect(BTree.open(options)).rejects.toMatchObject({
      code: "CORRUPTION",
      place: { offset: 0 },
    });
    expect(PAGE_BYTES).toBe(cache.pageFile.pageBytes);
  });
});
