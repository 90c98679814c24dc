import { expect, test } from "vitest";
import { emptyDisk, PAGE_BYTES } from "../../properties/support/page-disk.ts";
import { PageTree, valueOf } from "../../properties/support/page-tree.ts";
import { DIRECTORY } from "../../properties/support/virtual-store.ts";
import { lsn, transactionId } from "../base/units.ts";
import type { Lsn } from "../base/units.ts";
import type { PageChange } from "../log/page-change.ts";
import type { LogRecord } from "../log/record.ts";
import { makeBranch } from "./node.ts";
import { PageRedo } from "./redo.ts";

async function withTree(
  work: (tree: PageTree) => Promise<void>,
  cachePages: number = 100,
): Promise<void> {
  const world = await emptyDisk();
  await world.run(async () => {
    await work(await PageTree.create(world, { cachePages }));
  });
}

const OLD = valueOf(1, 5);
const NEW = valueOf(2, 5);
const T1 = transactionId(1);

function put(page: number, value: Uint8Array): LogRecord {
  return { kind: "put", transaction: T1, page, key: "a", old: undefined, value };
}

function structure(...pages: readonly PageChange[]): LogRecord {
  return { kind: "structure", pages, change: undefined };
}

/** Repeats one record; returns how many changed a page. */
async function repeat(tree: PageTree, record: LogRecord, at: number): Promise<number> {
  const redo = new PageRedo(tree.cache);
  await redo.repeat(record, lsn(at));
  await redo.end();
  return redo.counts.repeated;
}

const lastLsn = ({ log }: PageTree): Lsn => log.records.at(-1)?.lsn ?? lsn(0);

test("a leaf change is repeated on an older page, and only there", async () => {
  await withTree(async (tree) => {
    await tree.put("a", OLD);
    const at = lastLsn(tree);
    expect(await repeat(tree, put(1, NEW), at - 1)).toBe(0);
    expect(await repeat(tree, put(1, NEW), at)).toBe(0);
    expect(await tree.get("a")).toEqual(OLD);
    expect(await repeat(tree, put(1, NEW), at + 1)).toBe(1);
    expect(await tree.get("a")).toEqual(NEW);
    const gone = { transaction: T1, page: 1, key: "a" };
    expect(await repeat(tree, { kind: "delete", ...gone, old: NEW }, at + 2)).toBe(1);
    expect(await tree.get("a")).toBeUndefined();
    expect(tree.cache.peek(1)?.lsn).toBe(at + 2);
  });
});

test("a compensation is repeated like any change: it puts back a value, or takes it away", async () => {
  await withTree(async (tree) => {
    await tree.put("a", NEW);
    const at = lastLsn(tree);
    const clr = { kind: "clr" as const, transaction: T1, page: 1, key: "a", undoneLsn: at };
    expect(await repeat(tree, { ...clr, restored: OLD }, at)).toBe(0);
    expect(await repeat(tree, { ...clr, restored: OLD }, at + 1)).toBe(1);
    expect(await tree.get("a")).toEqual(OLD);
    expect(await repeat(tree, { ...clr, restored: undefined }, at + 2)).toBe(1);
    expect(await tree.get("a")).toBeUndefined();
  });
});

test("records that change no page are not waited for", async () => {
  await withTree(async (tree) => {
    const redo = new PageRedo(tree.cache);
    await tree.put("a", OLD);
    for (const kind of ["begin", "rollback"] as const) {
      expect(redo.repeat({ kind, transaction: T1 }, lsn(9000))).toBeUndefined();
    }
    expect(redo.repeat(put(1, NEW), lsn(9001))).toBeUndefined();
    expect(redo.counts.repeated).toBe(1);
  });
});

test("a structure change is repeated page by page, on older pages and on places without a page", async () => {
  await withTree(async (tree) => {
    const record = structure(
      { form: "image", pageId: 1, kind: "leaf", body: Uint8Array.of(0, 0) },
      { form: "image", pageId: 9, kind: "free", body: new Uint8Array(8) },
    );
    await tree.put("a", OLD);
    const at = lastLsn(tree);
    // Page 1 has it already; page 9 was never written.
    expect(await repeat(tree, record, at)).toBe(1);
    expect(await tree.get("a")).toEqual(OLD);
    expect(tree.cache.peek(9)).toMatchObject({ lsn: at, recoveryLsn: at, node: { kind: "free" } });
    expect(await repeat(tree, record, at)).toBe(0);
    expect(await repeat(tree, record, at + 1)).toBe(1);
    expect(await tree.get("a")).toBeUndefined();
    expect(tree.cache.peek(9)?.lsn).toBe(at + 1);
  });
});

test("edits are repeated on an older page, and only there", async () => {
  await withTree(async (tree) => {
    await tree.put("a", OLD);
    await tree.put("b", OLD);
    const at = lastLsn(tree);
    const record = structure({
      form: "edits",
      pageId: 1,
      edits: [
        { kind: "set", key: "a", value: NEW },
        { kind: "cut", key: "b" },
      ],
    });
    expect(await repeat(tree, record, at)).toBe(0);
    expect(await repeat(tree, record, at + 1)).toBe(1);
    expect(await tree.all()).toEqual([["a", NEW]]);
    expect(tree.cache.peek(1)?.lsn).toBe(at + 1);
  });
});

test("a branch is cut, and gets a child", async () => {
  await withTree(async (tree) => {
    const branch = makeBranch(["c", "g"], [4, 5, 6]);
    tree.cache.install(9, branch, lsn(2000));
    const edits = [
      { kind: "cut" as const, key: "g" },
      { kind: "child" as const, key: "e", child: 7 },
    ];
    expect(await repeat(tree, structure({ form: "edits", pageId: 9, edits }), 2001)).toBe(1);
    expect(tree.cache.peek(9)?.node).toEqual(makeBranch(["c", "e"], [4, 5, 7]));
  });
});

test("what redo keeps does not keep the log that it was read from", async () => {
  await withTree(async (tree) => {
    const value = valueOf(3, 5);
    const body = Uint8Array.of(0, 0);
    const at = lastLsn(tree);
    await repeat(tree, structure({ form: "image", pageId: 1, kind: "leaf", body }), at + 1);
    await repeat(tree, put(1, value), at + 2);
    value.fill(0);
    body.fill(9);
    expect(await tree.all()).toEqual([["a", valueOf(3, 5)]]);
  });
});

test("a record that does not fit its page is refused", async () => {
  await withTree(async (tree) => {
    const refused = { code: "CORRUPTION" };
    const later = 1000;
    const refusal = (record: LogRecord): unknown =>
      expect(repeat(tree, record, later)).rejects.toMatchObject(refused);
    await refusal(put(0, NEW));
    await refusal(put(1, valueOf(1, 5000)));
    await refusal(structure({ form: "image", pageId: 1, kind: "leaf", body: Uint8Array.of(9, 0) }));
    const child = { kind: "child" as const, key: "b", child: 2 };
    await refusal(structure({ form: "edits", pageId: 1, edits: [child] }));
    await refusal(structure({ form: "edits", pageId: 0, edits: [{ kind: "cut", key: "b" }] }));
    const large = { kind: "set" as const, key: "b", value: valueOf(1, 5000) };
    await refusal(structure({ form: "edits", pageId: 1, edits: [large] }));
  });
});

/** A tree whose page 1 is on the disk, damaged, and not in memory. */
async function withDamagedLeaf(
  work: (tree: PageTree, heal: () => void) => Promise<void>,
): Promise<void> {
  const world = await emptyDisk();
  await world.run(async () => {
    const tree = await PageTree.create(world, { cachePages: 100 });
    await tree.put("a", OLD);
    await tree.cache.flush();
    const { log } = tree;
    log.durableCount = log.records.length;
    const from = { log, redoPoint: log.next };
    const recovered = await PageTree.recover(world, { cachePages: 2 }, from);
    // Only now: from the double-write area it would have been restored.
    world.disk.flipBit(`${DIRECTORY}/pages.db`, PAGE_BYTES + 40, 3);
    await work(recovered, () => world.disk.healAll());
  });
}

test("a damaged page is made anew by a structure change behind the changes that met it", async () => {
  await withDamagedLeaf(async (tree) => {
    const redo = new PageRedo(tree.cache);
    await redo.repeat(put(1, NEW), lsn(1000));
    await redo.repeat(
      structure({ form: "image", pageId: 1, kind: "leaf", body: Uint8Array.of(0, 0) }),
      lsn(1001),
    );
    await redo.repeat(put(1, valueOf(4, 5)), lsn(1002));
    await redo.end();
    expect(await tree.all()).toEqual([["a", valueOf(4, 5)]]);
    expect(redo.counts.repeated).toBe(2);
  });
});

test("edits do not make a damaged page whole, also when it can be read again", async () => {
  await withDamagedLeaf(async (tree, heal) => {
    const redo = new PageRedo(tree.cache);
    const record = structure({ form: "edits", pageId: 1, edits: [{ kind: "cut", key: "b" }] });
    await redo.repeat(record, lsn(1000));
    heal();
    await redo.repeat(record, lsn(1001));
    expect(redo.counts.repeated).toBe(0);
    await expect(redo.end()).rejects.toMatchObject({ code: "CORRUPTION" });
  });
});

test("a damaged page that nothing has made whole is refused in the end, with its place", async () => {
  await withDamagedLeaf(async (tree) => {
    const redo = new PageRedo(tree.cache);
    await redo.repeat(put(1, NEW), lsn(1000));
    await expect(redo.end()).rejects.toMatchObject({
      code: "CORRUPTION",
      place: { file: `${DIRECTORY}/pages.db`, offset: PAGE_BYTES, found: "a wrong checksum" },
    });
  });
});

test("a page that was read wrongly once is refused, and not repeated upon without what it missed", async () => {
  await withDamagedLeaf(async (tree, heal) => {
    const redo = new PageRedo(tree.cache);
    await redo.repeat(put(1, NEW), lsn(1000));
    heal();
    await redo.repeat(put(1, OLD), lsn(1001));
    expect(redo.counts.repeated).toBe(0);
    await expect(redo.end()).rejects.toMatchObject({
      code: "CORRUPTION",
      place: { file: `${DIRECTORY}/pages.db`, offset: PAGE_BYTES },
    });
  });
});

test("a page that the tree does not have any more need not be whole", async () => {
  await withTree(async (tree) => {
    expect(tree.tree.pageCount).toBe(2);
    expect(await repeat(tree, put(7, NEW), 1000)).toBe(0);
  });
});

test("redo goes on with a cache that has no room", async () => {
  await withTree(async (tree) => {
    const redo = new PageRedo(tree.cache);
    for (let pageId = 2; pageId < 40; pageId += 1) {
      const change = { pageId, key: "a", value: NEW };
      const leaf = structure({ form: "image", pageId, kind: "leaf", body: Uint8Array.of(0, 0) });
      await redo.repeat(leaf, tree.log.write({ kind: "leaf", change }));
      await redo.repeat(put(pageId, NEW), tree.log.write({ kind: "leaf", change }));
    }
    expect(redo.counts.repeated).toBe(2 * 38);
    expect(tree.cache.residentPages).toBeLessThan(10);
  }, 4);
});
