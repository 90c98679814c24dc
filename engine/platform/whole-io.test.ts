import { expect, test } from "vitest";
import { VirtualStore } from "../../properties/support/virtual-store.ts";
import type { Fault } from "../../sim/disk/disk-faults.ts";
import type { FileHandle } from "./file-io.ts";
import { readWhole, writeWhole } from "./whole-io.ts";

const CONTENT = Uint8Array.from({ length: 100 }, (_, index) => index);

async function fileOn(store: VirtualStore): Promise<FileHandle> {
  return await store.run(() => store.options().platform.files.open("/file", "create"));
}

test("short writes and short reads are gone on with until all is done", async () => {
  const store = new VirtualStore();
  const file = await fileOn(store);
  let calls = 0;
  store.fault(({ kind }): Fault | undefined => {
    calls += 1;
    return kind === "write" || kind === "read" ? { kind: "short", bytes: 7 } : undefined;
  });
  await store.run(() => writeWhole(file, CONTENT, 5));
  const target = new Uint8Array(100);
  expect(await store.run(() => readWhole(file, target, 5))).toBe(100);
  expect(target).toEqual(CONTENT);
  expect(calls).toBe(30);
});

test("a file that ends earlier gives what it has", async () => {
  const store = new VirtualStore();
  const file = await fileOn(store);
  await store.run(() => writeWhole(file, CONTENT, 0));
  expect(await store.run(() => readWhole(file, new Uint8Array(200), 50))).toBe(50);
  expect(await store.run(() => readWhole(file, new Uint8Array(200), 500))).toBe(0);
});

test("a disk that writes nothing, and says nothing else, is an error and not an endless loop", async () => {
  const store = new VirtualStore();
  const file = await fileOn(store);
  store.fault(({ kind }) => (kind === "write" ? { kind: "short", bytes: 0 } : undefined));
  await expect(store.run(() => writeWhole(file, CONTENT, 0))).rejects.toMatchObject({
    code: "EIO",
  });
});
