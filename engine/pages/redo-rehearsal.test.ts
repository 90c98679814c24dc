import { expect, test } from "vitest";
import { emptyDisk, PAGE_BYTES } from "../../properties/support/page-disk.ts";
import { PageTree, valueOf } from "../../properties/support/page-tree.ts";
import { codeOf } from "../../properties/support/outcomes.ts";
import { assert } from "../base/assert.ts";
import { transactionId } from "../base/units.ts";
import type { PageAfterImage, PageChange } from "../log/page-change.ts";
import type { LogRecord } from "../log/record.ts";
import { encodedBytes, encodeNode } from "./node-codec.ts";
import { META_PAGE } from "./node.ts";
import { RedoRehearsal } from "./redo-rehearsal.ts";

const T1 = transactionId(1);
/** A tree of a meta page and one leaf, which are on the disk, and not in memory. */
async function withTree(work: (tree: PageTree) => Promise<void>): Promise<void> {
  const world = await emptyDisk();
  await world.run(async () => {
    const tree = await PageTree.create(world, { cachePages: 1 });
    await tree.put("a", valueOf(1, 5));
    await tree.cache.flush();
    await tree.cache.trim();
    await work(tree);
  });
}

function put(page: number): LogRecord {
  return { kind: "put", transaction: T1, page, key: "a", old: undefined, value: valueOf(2, 5) };
}

function structure(...pages: readonly PageChange[]): LogRecord {
  return { kind: "structure", pages, change: undefined };
}

function edits(pageId: number): LogRecord {
  return structure({ form: "edits", pageId, edits: [{ kind: "cut", key: "b" }] });
}

function image(pageId: number): PageAfterImage {
  return { form: "image", pageId, kind: "leaf", body: Uint8Array.of(0, 0) };
}

/** "done", or the code of the refusal. */
async function rehearse(tree: PageTree, ...records: readonly LogRecord[]): Promise<string> {
  return await codeOf(async () => {
    const rehearsal = new RedoRehearsal(tree.cache);
    for (const record of records) {
      await rehearsal.repeat(record);
    }
    await rehearsal.end();
  });
}

/** The meta page of a tree that has become so large. */
async function metaOf(tree: PageTree, pageCount: number): Promise<PageAfterImage> {
  const { node } = await tree.cache.load(META_PAGE);
  assert(node.kind === "meta", "page 0 is the meta page");
  const body = new Uint8Array(encodedBytes(node));
  encodeNode({ ...node, pageCount }, body);
  return { form: "image", pageId: META_PAGE, kind: "meta", body };
}

test("pages that are whole, on the disk or in memory, can be changed, and stay as they are", async () => {
  await withTree(async (tree) => {
    expect(await rehearse(tree, put(1), edits(1), put(1))).toBe("done");
    await tree.cache.load(1);
    expect(await rehearse(tree, put(1), edits(1))).toBe("done");
    expect(await tree.get("a")).toEqual(valueOf(1, 5));
    expect(tree.cache.dirtyCount).toBe(0);
  });
});

test("a page that is not whole is refused, unless an image makes it anew", async () => {
  await withTree(async (tree) => {
    const torn = new Uint8Array(PAGE_BYTES).fill(7, 100, 200);
    await tree.cache.pageFile.write(1, torn);
    await tree.cache.trim();
    expect(tree.cache.peek(1)).toBeUndefined();
    for (const change of [put(1), edits(1)]) {
      expect(await rehearse(tree, change)).toBe("CORRUPTION");
      expect(await rehearse(tree, structure(image(1)), change)).toBe("done");
      expect(await rehearse(tree, change, structure(image(1)), change)).toBe("done");
    }
  });
});

test("a page that is not there at the end of the log need not be whole", async () => {
  await withTree(async (tree) => {
    expect(tree.tree.pageCount).toBe(2);
    expect(await rehearse(tree, put(2))).toBe("done");
    await tree.cache.load(META_PAGE);
    expect(await rehearse(tree, put(2))).toBe("done");
    const [small, large] = [await metaOf(tree, 2), await metaOf(tree, 3)];
    expect(await rehearse(tree, put(2), structure(large))).toBe("CORRUPTION");
    expect(await rehearse(tree, structure(large), put(2), structure(small))).toBe("done");
  });
});
