import { expect, test } from "vitest";
import { bytesEqual } from "../engine/base/bytes.ts";
import { lsn } from "../engine/base/units.ts";
import {
  encodeSegmentHeader,
  readSegmentHeader,
  SEGMENT_HEADER_BYTES,
} from "../engine/log/segment-format.ts";
import { mirrorName } from "../engine/platform/mirrored-files.ts";
import type { VirtualDisk } from "../sim/disk/virtual-disk.ts";
import { VirtualStore } from "./support/virtual-store.ts";

const OPTIONS = { segmentBytes: 2048, batchBytesMax: 300, pageBytes: 4096 };
const SECTOR_BYTES = 512;

interface Rotated {
  readonly store: VirtualStore;
  /** Log files that were begun and not synced. */
  readonly paths: readonly string[];
}

async function rotated(): Promise<Rotated> {
  const store = new VirtualStore({ seed: "hidden" });
  const db = await store.open({ ...OPTIONS, copies: 2, syncPolicy: "os" });
  const work = async (): Promise<void> => {
    for (let number = 0; number < 12; number += 1) {
      await db.put(`key ${number}`, "v".repeat(200));
    }
  };
  await store.run(() => db.put("first", 1));
  await store.run(() => db.sync());
  await store.run(work);
  await store.settle();
  const paths = store.segmentPaths().filter((path) => !bytesEqual(...headsOf(store, path)));
  return { store, paths };
}

/** What a log file begins with as programs see it, and as the disk has it. */
function headsOf({ disk }: VirtualStore, path: string): [Uint8Array, Uint8Array] {
  const heads = [disk.content(path), disk.durableBytes(path)] as const;
  const [seen, stored] = heads.map((bytes) => bytes?.slice(0, SECTOR_BYTES) ?? new Uint8Array());
  return [seen ?? new Uint8Array(), stored ?? new Uint8Array()];
}

/** Of all that was not synced a power cut keeps a header, in one copy. The other one shows what was there before. */
function keepHeader(store: VirtualStore, path: string, before: Before): void {
  const [header] = headsOf(store, path);
  const old = before === "zeros" ? new Uint8Array(SECTOR_BYTES) : olderThan(header);
  store.crash("power");
  writeDurably(store.disk, path, old);
  writeDurably(store.disk, mirrorName(path), header);
}

type Before = "zeros" | "an older header";

/** As the file would have of a use long ago. */
function olderThan(bytes: Uint8Array): Uint8Array {
  const found = readSegmentHeader(bytes.subarray(0, SEGMENT_HEADER_BYTES));
  if (found.kind !== "header") {
    throw new Error(`no header: ${found.kind}`);
  }
  const at = lsn(SECTOR_BYTES);
  const place = { baseLsn: at, tailEndLsn: at, resumeLsn: at, durableLsn: at };
  return encodeSegmentHeader({ ...found.header, ...place, number: 0 });
}

function writeDurably(disk: VirtualDisk, path: string, bytes: Uint8Array): void {
  const handle = disk.open(path, "write");
  disk.write(handle, bytes, 0);
  disk.sync(handle, "sync");
}

/** So many reads of the header fail. */
function failReads({ disk }: VirtualStore, path: string, reads: number): void {
  let left = reads;
  const beforeOperation: NonNullable<VirtualDisk["faults"]>["beforeOperation"] = (operation) => {
    const isOfHeader =
      operation.kind === "read" && operation.path === path && operation.position === 0;
    if (!isOfHeader || left === 0) {
      return undefined;
    }
    left -= 1;
    return { kind: "error", code: "EIO" };
  };
  disk.faults = { beforeOperation };
}

const BEFORE: readonly Before[] = ["zeros", "an older header"];

test.each(BEFORE.flatMap((before) => [1, 2, Infinity].map((reads) => ({ before, reads }))))(
  "a header that one copy has, and that could not be read so often, is none for good: %o",
  async ({ before, reads }) => {
    const { store, paths } = await rotated();
    expect(paths.length).toBeGreaterThan(1);
    for (const path of paths) {
      const fork = store.fork();
      keepHeader(fork, path, before);
      failReads(fork, mirrorName(path), reads);
      const db = await fork.open({ ...OPTIONS, syncPolicy: "sync" });
      for (let number = 0; number < 3; number += 1) {
        await fork.run(() => db.put(`new ${number}`, "w"));
      }
      const content = await fork.entries(db);
      expect(content.length).toBeGreaterThan(3);
      fork.fault(undefined);
      fork.crash("power");
      expect(await fork.entries(await fork.open(OPTIONS))).toEqual(content);
    }
  },
);
