import fc from "fast-check";
import { expect, test } from "vitest";
import { emptyDisk, filesOf, PAGE_BYTES, STORE_ID } from "../../properties/support/page-disk.ts";
import { keyOf, valueOf } from "../../properties/support/page-tree.ts";
import { RecordedLog } from "../../properties/support/recorded-log.ts";
import { DIRECTORY } from "../../properties/support/virtual-store.ts";
import { ByteWriter } from "../base/byte-writer.ts";
import { commitNumber, lsn, transactionId } from "../base/units.ts";
import type { Lsn } from "../base/units.ts";
import { encodeRecord } from "../log/record-codec.ts";
import type { LogRecord } from "../log/record.ts";
import { ChangeRoomEstimate } from "./change-room.ts";
import type { ChangeRoom } from "./change-room.ts";
import type { ChangeSize } from "./change-plan.ts";
import { StorageManager } from "./storage-manager.ts";
import type { ChangeLog, KeyWrite, StorageChange } from "./logged-tree.ts";

/** As long as ids, LSNs and times ever get. */
const LARGE = 2 ** 52;

/** Counts the bytes of what is appended. */
class CountedLog implements ChangeLog {
  bytes = 0;
  structures = 0;
  readonly #records = new RecordedLog<LogRecord>();
  readonly #encoder = new ByteWriter();

  append(record: LogRecord): Lsn {
    this.#encoder.reset();
    encodeRecord(this.#encoder, record);
    this.bytes += this.#encoder.length;
    this.structures += record.kind === "structure" ? 1 : 0;
    return this.#records.write(record);
  }

  isDurable(record: Lsn): boolean {
    return this.#records.isDurable(record);
  }

  async durable(record: Lsn): Promise<void> {
    await this.#records.durable(record);
  }
}

interface Taken {
  readonly room: ChangeRoom;
  readonly logBytes: number;
  readonly newPages: number;
}

/** A tree that changes as commits change it: all that a commit writes is prepared, and then made. */
class Store {
  readonly log = new CountedLog();
  readonly storage: StorageManager;

  private constructor(storage: StorageManager) {
    this.storage = storage;
  }

  static async create(): Promise<Store> {
    const world = await emptyDisk();
    return await world.run(async () => {
      const storage = await StorageManager.open({
        files: filesOf(world),
        directory: DIRECTORY,
        storeId: STORE_ID,
        pageBytes: PAGE_BYTES,
        cacheBytes: 4096 * PAGE_BYTES,
      });
      const store = new Store(storage);
      await storage.begin(store.log, true);
      return store;
    });
  }

  /** Everything is resident: nothing has to be waited for. */
  commit(changes: readonly StorageChange[]): Taken {
    const { log, storage } = this;
    const room = storage.prepare(changes);
    if (room.kind !== "room") {
      throw new Error(`not prepared: ${room.kind}`);
    }
    const before = { bytes: log.bytes, pages: storage.stats.pages };
    storage.beginChanges(room);
    log.append({ kind: "begin", transaction });
    for (const change of changes) {
      storage.apply(change);
    }
    const end = { transaction, commitNumber: commitNumber(LARGE), timestampMs: LARGE };
    log.append({ kind: "commit", ...end });
    return {
      room,
      logBytes: log.bytes - before.bytes,
      newPages: storage.stats.pages - before.pages,
    };
  }
}

const transaction = transactionId(LARGE);

/** Made by a transaction, or in compensation of what one did. */
function changesOf(writes: readonly KeyWrite[], compensates: boolean): StorageChange[] {
  return writes.map((write) =>
    compensates ? { ...write, transaction, undoneLsn: lsn(LARGE) } : { ...write, transaction },
  );
}

const length = fc.oneof(
  { weight: 6, arbitrary: fc.nat(100) },
  { weight: 3, arbitrary: fc.integer({ min: 600, max: 1024 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1025, max: 13_000 }) },
);

interface CommitShape {
  readonly from: number;
  readonly count: number;
  readonly stride: number;
  /** Lengths of the values, in turn; undefined is a delete. */
  readonly lengths: readonly (number | undefined)[];
  readonly compensates: boolean;
}

const commit: fc.Arbitrary<CommitShape> = fc.record({
  from: fc.nat(400),
  count: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 60 })),
  stride: fc.integer({ min: 1, max: 5 }),
  lengths: fc.oneof(
    fc.array(fc.option(length, { nil: undefined }), { minLength: 1, maxLength: 6 }),
    fc.constant([undefined]),
  ),
  compensates: fc.boolean(),
});

/** In key order, each key once, as a write set has them. */
function writesOf({ from, count, stride, lengths }: CommitShape): KeyWrite[] {
  const writes = new Map<string, Uint8Array | undefined>();
  for (let i = 0; i < count; i += 1) {
    const bytes = lengths[i % lengths.length];
    writes.set(
      keyOf(from + i * stride),
      bytes === undefined ? undefined : valueOf(from + i, bytes),
    );
  }
  return [...writes]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => ({ key, value }));
}

/** How often the runs of the next test met what it is about. */
const met = { structures: 0, newPages: 0, freedPages: 0, ofOneLeaf: 0 };

test("no commit takes more log or more new pages than was estimated before its first change", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(commit, { minLength: 1, maxLength: 30 }), async (commits) => {
      const store = await Store.create();
      for (const shape of commits) {
        const before = { ...store.storage.stats, structures: store.log.structures };
        const { room, logBytes, newPages } = store.commit(
          changesOf(writesOf(shape), shape.compensates),
        );
        expect(logBytes, "log bytes").toBeLessThanOrEqual(room.logBytes);
        expect(newPages, "new pages").toBeLessThanOrEqual(room.newPages);
        const after = store.storage.stats;
        const structures = store.log.structures - before.structures;
        met.structures += structures;
        met.ofOneLeaf += structures === 0 ? 1 : 0;
        met.newPages += newPages;
        met.freedPages += Math.max(0, after.freePages - before.freePages);
      }
      expect(await store.storage.verify(lsn(LARGE))).toEqual([]);
    }),
    { numRuns: 250 },
  );
  const least = Math.min(...Object.values(met));
  expect(least).toBeGreaterThan(100);
}, 60_000);

const PREPARED: ChangeSize = {
  leaf: 1,
  leafBytes: 2000,
  growth: 30,
  depth: 1,
  branchBytes: 500,
  oldBytes: 0,
  overflowBytes: 0,
  freedPages: 0,
};

function roomOf(...changes: readonly Partial<ChangeSize>[]): ChangeRoom {
  const estimate = new ChangeRoomEstimate(PAGE_BYTES);
  for (const change of changes) {
    estimate.add({ ...PREPARED, ...change }, 10, 20);
  }
  return estimate.room;
}

test("changes that fit their leaves take no pages, and little more log than their records", () => {
  expect(roomOf()).toMatchObject({ newPages: 0, merges: 0 });
  const many = roomOf(...Array.from({ length: 50 }, () => ({})));
  expect(many).toMatchObject({ newPages: 0, merges: 0 });
  expect(many.logBytes).toBeLessThan(50 * 100);
});

test("a leaf that overflows may split on every level, and a leaf that shrinks may merge once", () => {
  const split = roomOf({ leafBytes: 4000, growth: 100 });
  expect(split.merges).toBe(0);
  expect(split.newPages).toBeGreaterThanOrEqual(3);
  expect(split.logBytes).toBeGreaterThan(4100);
  const merge = roomOf({ leafBytes: 1100, growth: -600 });
  expect(merge.merges).toBe(1);
  expect(merge.logBytes).toBeGreaterThan(2 * 1024);
  // A root has nobody to merge with.
  expect(roomOf({ leafBytes: 1100, growth: -600, depth: 0 }).merges).toBe(0);
});

test("overflow pages, new ones and freed ones, are counted in", () => {
  const value = roomOf({ overflowBytes: 9000 });
  expect(value.newPages).toBeGreaterThanOrEqual(3);
  const freed = roomOf({ freedPages: 100, growth: -12 });
  // An image of a free page takes a page id and a kind, a length, and the id of the next one.
  expect(freed.logBytes).toBeGreaterThan(100 * 12);
});
