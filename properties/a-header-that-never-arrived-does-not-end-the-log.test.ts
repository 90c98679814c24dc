import { expect, test } from "vitest";
import { chainOfSegments, findSegmentFiles } from "../engine/log/segment-files.ts";
import { readWhole, writeWhole } from "../engine/platform/whole-io.ts";
import { codeOf } from "./support/outcomes.ts";
import { DIRECTORY, VirtualStore } from "./support/virtual-store.ts";

const OPTIONS = { segmentBytes: 2048, sectorBytes: 512 } as const;

async function newestSegment(store: VirtualStore): Promise<string> {
  const { files } = store.options().platform;
  const chain = chainOfSegments(await store.run(() => findSegmentFiles(files, DIRECTORY)));
  return `${DIRECTORY}/${chain.at(-1)?.file.name ?? ""}`;
}

async function firstSector(store: VirtualStore, path: string): Promise<Uint8Array> {
  const file = await store.options().platform.files.open(path, "read");
  const bytes = new Uint8Array(OPTIONS.sectorBytes);
  await readWhole(file, bytes, 0);
  await file.close();
  return bytes;
}

async function replaceSector(store: VirtualStore, path: string, bytes: Uint8Array): Promise<void> {
  const file = await store.options().platform.files.open(path, "write");
  await writeWhole(file, bytes, 0);
  await file.sync();
  await file.close();
}

/** A store whose log goes on in a recycled file, with so many commits there, each synced by itself. */
async function recycled(commits: number): Promise<{
  readonly store: VirtualStore;
  readonly path: string;
  /** What the first sector of that file held in its use before. */
  readonly older: Uint8Array;
}> {
  const store = new VirtualStore();
  const db = await store.open(OPTIONS);
  const headers = new Map<string, Uint8Array>();
  for (let number = 0; ; number += 1) {
    const before = await newestSegment(store);
    headers.set(before, await store.run(() => firstSector(store, before)));
    await store.run(() => db.put(`k${number % 8}`, "v".repeat(100)));
    const path = await newestSegment(store);
    const older = headers.get(path);
    if (path !== before && older !== undefined) {
      for (let more = 1; more < commits; more += 1) {
        await store.run(() => db.put(`l${more}`, "v".repeat(100)));
      }
      await store.settle();
      store.crash("process");
      return { store, path, older };
    }
    await store.run(() => db.checkpoint());
  }
}

test("commits behind the header of an earlier use of the file are missed, when one of them says that they were durable", async () => {
  const { store, path, older } = await recycled(3);
  await store.run(() => replaceSector(store, path, older));
  expect(await codeOf(() => store.open(OPTIONS))).toBe("CORRUPTION");
});

test("with the header that belongs there all of them are there", async () => {
  const { store } = await recycled(3);
  const db = await store.open(OPTIONS);
  expect((await store.entries(db)).map(([key]) => key)).toEqual(
    expect.arrayContaining(["l1", "l2"]),
  );
});

test("one commit alone, which a crash may have kept without its header, is no reason to refuse", async () => {
  const { store, path, older } = await recycled(1);
  await store.run(() => replaceSector(store, path, older));
  expect(await codeOf(() => store.open(OPTIONS))).toBe("done");
});
