import { expect, test } from "vitest";
import { emptyDisk } from "../../properties/support/page-disk.ts";
import { PageTree, valueOf } from "../../properties/support/page-tree.ts";
import { lsn } from "../base/units.ts";
import { redoLeafChange, redoStructure } from "./redo.ts";

async function withTree(work: (tree: PageTree) => Promise<void>): Promise<void> {
  const world = await emptyDisk();
  await world.run(async () => {
    await work(await PageTree.create(world, { cachePages: 100 }));
  });
}

const OLD = valueOf(1, 5);
const NEW = valueOf(2, 5);

test("a leaf change is repeated on an older page, and only there", async () => {
  await withTree(async (tree) => {
    await tree.put("a", OLD);
    const at = tree.log.records.at(-1)?.lsn ?? lsn(0);
    const change = { pageId: 1, key: "a", value: NEW };
    expect(await redoLeafChange(tree.cache, change, lsn(at - 1))).toBe(false);
    expect(await redoLeafChange(tree.cache, change, at)).toBe(false);
    expect(await tree.get("a")).toEqual(OLD);
    expect(await redoLeafChange(tree.cache, change, lsn(at + 1))).toBe(true);
    expect(await tree.get("a")).toEqual(NEW);
    expect(await redoLeafChange(tree.cache, { ...change, value: undefined }, lsn(at + 2))).toBe(
      true,
    );
    expect(await tree.get("a")).toBeUndefined();
    expect(tree.cache.peek(1)?.lsn).toBe(at + 2);
  });
});

test("a structure change is repeated page by page, on older pages and on places without a page", async () => {
  await withTree(async (tree) => {
    const images = [
      { pageId: 1, kind: "leaf" as const, body: Uint8Array.of(0, 0) },
      { pageId: 9, kind: "free" as const, body: new Uint8Array(8) },
    ];
    await tree.put("a", OLD);
    const at = tree.log.records.at(-1)?.lsn ?? lsn(0);
    expect(await redoStructure(tree.cache, images, at)).toBe(1);
    expect(await tree.get("a")).toEqual(OLD);
    expect(tree.cache.peek(9)).toMatchObject({ lsn: at, recoveryLsn: at, node: { kind: "free" } });
    expect(await redoStructure(tree.cache, images, at)).toBe(0);
    expect(await redoStructure(tree.cache, images, lsn(at + 1))).toBe(2);
    expect(await tree.get("a")).toBeUndefined();
  });
});

test("a record that does not fit its page is refused", async () => {
  await withTree(async (tree) => {
    const refused = { code: "CORRUPTION" };
    const change = { pageId: 1, key: "a", value: NEW };
    const later = lsn(1000);
    await expect(redoLeafChange(tree.cache, { ...change, pageId: 0 }, later)).rejects.toMatchObject(
      refused,
    );
    await expect(redoLeafChange(tree.cache, { ...change, pageId: 7 }, later)).rejects.toMatchObject(
      { ...refused, place: { found: "zeros" } },
    );
    await expect(
      redoLeafChange(tree.cache, { ...change, value: valueOf(1, 5000) }, later),
    ).rejects.toMatchObject(refused);
    const image = { pageId: 1, kind: "leaf" as const, body: Uint8Array.of(9, 0) };
    await expect(redoStructure(tree.cache, [image], later)).rejects.toMatchObject(refused);
  });
});
