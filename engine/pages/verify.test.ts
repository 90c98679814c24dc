import { expect, test } from "vitest";
import { emptyDisk } from "../../properties/support/page-disk.ts";
import { PageTree, valueOf } from "../../properties/support/page-tree.ts";
import { assert, defined } from "../base/assert.ts";
import { lsn } from "../base/units.ts";
import { makeLeaf } from "../../properties/support/make-leaf.ts";
import { LeafNode } from "./leaf-node.ts";
import { removeChild, replaceSeparator } from "./node.ts";
import type { BranchNode, MetaNode, PageNode } from "./node.ts";
import type { PageCache } from "./page-cache.ts";
import { sourceOfCache, sourceOfFile, verifyPages } from "./verify.ts";

function keyOf(n: number): string {
  return String(n).padStart(5, "0").padEnd(200, "x");
}

/** A tree of two levels with values in overflow pages and some free pages, all resident. */
async function grownTree(): Promise<PageTree> {
  const world = await emptyDisk();
  return await world.run(async () => {
    const tree = await PageTree.create(world, { cachePages: 1000 });
    for (let n = 0; n < 120; n += 1) {
      await tree.put(keyOf(n), valueOf(n, n % 10 === 0 ? 9000 : 60));
    }
    for (let n = 0; n < 30; n += 1) {
      await tree.delete(keyOf(n));
    }
    return tree;
  });
}

function nodeAt(cache: PageCache, id: number): PageNode {
  return defined(cache.peek(id), `page ${id}`).node;
}

function metaOf(cache: PageCache): MetaNode {
  const node = nodeAt(cache, 0);
  assert(node.kind === "meta", "not a meta");
  return node;
}

function rootOf(cache: PageCache): BranchNode {
  const node = nodeAt(cache, metaOf(cache).root);
  assert(node.kind === "branch", "not a branch");
  return node;
}

function leafPageOf(cache: PageCache, index: number): { id: number; leaf: LeafNode } {
  const id = defined(rootOf(cache).children[index], "child");
  const leaf = nodeAt(cache, id);
  assert(leaf.kind === "leaf", "not a leaf");
  return { id, leaf };
}

function leafOf(cache: PageCache, index: number): LeafNode {
  return leafPageOf(cache, index).leaf;
}

function replace(cache: PageCache, id: number, node: PageNode): void {
  defined(cache.peek(id), `page ${id}`).node = node;
}

const DAMAGES: readonly (readonly [string, (cache: PageCache) => void, string])[] = [
  [
    "a key on the wrong side of a separator",
    (cache) => {
      leafOf(cache, 2).setAt(-1, "0", valueOf(1, 1));
    },
    "key 0 is outside the separators above it",
  ],
  [
    "a separator that was not moved",
    (cache) => {
      replaceSeparator(rootOf(cache), 1, leafOf(cache, 1).keyAt(0));
      leafOf(cache, 1).set("\u00ff", undefined);
    },
    "is outside the separators above it",
  ],
  [
    "keys out of order",
    (cache) => {
      const { id, leaf } = leafPageOf(cache, 1);
      const keys = leaf.keys().toReversed();
      replace(
        cache,
        id,
        makeLeaf(
          keys,
          keys.map((key) => defined(leaf.get(key), "value")),
        ),
      );
    },
    "key 1 is not above the one before it",
  ],
  [
    "a lost child",
    (cache) => {
      removeChild(rootOf(cache), 1);
    },
    "belongs to nobody",
  ],
  [
    "a child of two parents",
    (cache) => {
      const { children } = rootOf(cache);
      children[1] = defined(children[0], "child");
    },
    "belongs to the tree, and to the tree",
  ],
  [
    "a free page that is in the tree",
    (cache) => {
      replace(cache, 0, {
        ...metaOf(cache),
        freeHead: defined(rootOf(cache).children[0], "child"),
      });
    },
    "belongs to the tree, and to the free list",
  ],
  [
    "a wrong count of free pages",
    (cache) => {
      replace(cache, 0, { ...metaOf(cache), freeCount: metaOf(cache).freeCount + 1 });
    },
    "free pages, the list has",
  ],
  [
    "a free list that leads into other pages",
    (cache) => {
      replace(cache, metaOf(cache).freeHead, { kind: "overflow", next: 0, chunk: valueOf(1, 1) });
    },
    "a overflow page in the free list",
  ],
  [
    "a page behind the last one",
    (cache) => {
      rootOf(cache).children[1] = 10_000;
    },
    "is behind the last page",
  ],
  [
    "a meta page of another page size",
    (cache) => {
      replace(cache, 0, { ...metaOf(cache), pageBytes: 8192 });
    },
    "made for pages of 8192 bytes",
  ],
  [
    "leaves that are not equally deep",
    (cache) => {
      const id = defined(rootOf(cache).children[1], "child");
      const { freeHead } = metaOf(cache);
      replace(cache, freeHead, leafOf(cache, 1));
      replace(cache, id, { kind: "branch", keys: [], children: [freeHead], bytes: 10 });
    },
    "a leaf at depth 2, others are at 1",
  ],
  [
    "a wrong count of bytes",
    (cache) => {
      rootOf(cache).bytes += 1;
    },
    "counts",
  ],
  [
    "a chain that is cut short",
    (cache) => {
      for (let id = 1; id < metaOf(cache).pageCount; id += 1) {
        const node = nodeAt(cache, id);
        if (node.kind === "overflow" && node.next !== 0) {
          replace(cache, id, { ...node, next: 0 });
        }
      }
    },
    "its chain has 4052",
  ],
  [
    "a meta page that is none",
    (cache) => {
      replace(cache, 0, LeafNode.empty());
    },
    "a leaf page instead of the meta page",
  ],
];

test.each(DAMAGES)("%s is a problem", async (_, damage, expected) => {
  const { cache, log } = await grownTree();
  expect(await verifyPages(sourceOfCache(cache), log.next)).toEqual([]);
  damage(cache);
  const problems = await verifyPages(sourceOfCache(cache), log.next);
  expect(problems.map(({ what }) => what)).toContainEqual(expect.stringContaining(expected));
});

test("a page that is ahead of the log is a problem", async () => {
  const { cache, log } = await grownTree();
  const last = defined(log.records.at(-1), "record").lsn;
  expect(await verifyPages(sourceOfCache(cache), last)).toEqual([]);
  const problems = await verifyPages(sourceOfCache(cache), lsn(last - 1));
  expect(problems[0]?.what).toContain("the log ends at");
});

test("a file is checked as it is on the disk, and damage is a problem and no error", async () => {
  const world = await emptyDisk();
  await world.run(async () => {
    const tree = await PageTree.create(world, { cachePages: 1000 });
    for (let n = 0; n < 120; n += 1) {
      await tree.put(keyOf(n), valueOf(n, 100));
    }
    const { pageFile } = tree.cache;
    const source = sourceOfFile(pageFile);
    expect(await verifyPages(source, tree.log.next)).toEqual([{ page: 0, what: "zeros" }]);
    await tree.cache.flush();
    expect(await verifyPages(source, tree.log.next)).toEqual([]);
    const { root } = metaOf(tree.cache);
    await pageFile.write(root, new Uint8Array(pageFile.pageBytes).fill(7));
    const problems = await verifyPages(source, tree.log.next);
    expect(problems[0]).toEqual({ page: root, what: "a wrong checksum" });
    world.fault(({ kind }) => (kind === "read" ? { kind: "error", code: "EIO" } : undefined));
    const [unreadable] = await verifyPages(source, tree.log.next);
    expect(unreadable?.what).toContain("EIO while reading page 0");
  });
});
