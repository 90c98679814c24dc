import { expect, test, vi } from "vitest";
import { emptyDisk, filesOf } from "../../properties/support/page-disk.ts";
import { DIRECTORY, type VirtualStore } from "../../properties/support/virtual-store.ts";
import { SILENT_LOGGER } from "../base/logger.ts";
import { defined } from "../base/assert.ts";
import { FileIOError, type FileHandle } from "./file-io.ts";
import { mirrored } from "./mirrored-file.ts";
import { MirroredFiles } from "./mirrored-files.ts";

const PATH = `${DIRECTORY}/file`;
const BYTES = Uint8Array.of(1, 2, 3, 4);

async function written(world: VirtualStore): Promise<{ files: MirroredFiles; file: FileHandle }> {
  const files = new MirroredFiles(filesOf(world), SILENT_LOGGER);
  const file = await files.open(PATH, "create");
  await file.write(BYTES, 0);
  return { files, file };
}

test("what is written, cut, allocated and synced is so in both copies, and listed once", async () => {
  const world = await emptyDisk();
  await world.run(async () => {
    const { files, file } = await written(world);
    await file.preallocate(8);
    await file.truncate(6);
    await file.sync();
    await files.syncDirectory(DIRECTORY);
    expect(await files.readDirectory(DIRECTORY)).toEqual(["file"]);
    expect(await file.size()).toBe(6);
    await file.close();
  });
  for (const path of [PATH, `${PATH}.mirror`]) {
    expect(world.disk.durableBytes(path)).toEqual(Uint8Array.of(1, 2, 3, 4, 0, 0));
  }
});

test("a copy that is shorter is not lengthened by cutting the other one, and is by filling it up", async () => {
  const world = await emptyDisk();
  await world.run(async () => {
    const { file } = await written(world);
    const copies = defined(mirrored(file), "a mirrored file");
    await copies.copies[1].preallocate(8);
    await file.truncate(6);
    expect(await copies.sizes()).toEqual([4, 6]);
    await copies.lengthenShorter();
    expect(await copies.sizes()).toEqual([6, 6]);
    await file.truncate(4);
    await copies.copies[0].preallocate(8);
    world.fault(({ kind }) =>
      kind === "preallocate" ? { kind: "error", code: "ENOSPC" } : undefined,
    );
    await copies.lengthenShorter();
    expect(await copies.sizes()).toEqual([8, 4]);
  });
});

test("both copies get a new name, and are removed", async () => {
  const world = await emptyDisk();
  await world.run(async () => {
    const { files, file } = await written(world);
    await files.rename(PATH, `${DIRECTORY}/other`);
    expect(mirrored(file)?.paths).toEqual([`${DIRECTORY}/other`, `${DIRECTORY}/other.mirror`]);
    expect(world.disk.readDirectory(DIRECTORY)).toEqual(["other", "other.mirror"]);
    await files.unlink(`${DIRECTORY}/other`);
    expect(world.disk.readDirectory(DIRECTORY)).toEqual([]);
    await expect(files.unlink(`${DIRECTORY}/other`)).rejects.toMatchObject({ code: "ENOENT" });
  });
});

test.each([PATH, `${PATH}.mirror`])(
  "a file is there while one copy is: without %s",
  async (gone) => {
    const world = await emptyDisk();
    await world.run(async () => {
      const { files, file } = await written(world);
      await file.close();
      world.disk.unlink(gone);
      expect(await files.stat(PATH)).toMatchObject({ kind: "file", bytes: 4 });
      const read = await files.open(PATH, "read");
      expect(new Set(await mirrored(read)?.sizes())).toEqual(new Set([0, 4]));
      expect(await files.readDirectory(DIRECTORY)).toEqual(["file"]);
      // Opening it for writing makes the other one anew, for its reader to fill.
      const again = await files.open(PATH, "write");
      expect(await again.size()).toBe(0);
      expect(world.disk.readDirectory(DIRECTORY)).toEqual(["file", "file.mirror"]);
      await files.unlink(PATH);
      await expect(files.open(PATH, "write")).rejects.toMatchObject({ code: "ENOENT" });
    });
  },
);

test.each(["datasync", "sync"] as const)(
  "a %s that either copy fails has failed, and is made of both",
  async (kind) => {
    for (const failing of [PATH, `${PATH}.mirror`]) {
      const world = await emptyDisk();
      const seen: string[] = [];
      await world.run(async () => {
        const { file } = await written(world);
        world.fault((operation) => {
          if (operation.kind !== kind) {
            return undefined;
          }
          seen.push(operation.path);
          return operation.path === failing ? { kind: "error", code: "EIO" } : undefined;
        });
        await expect(file[kind]()).rejects.toMatchObject({ code: "EIO" });
      });
      await world.settle();
      expect(seen.toSorted()).toEqual([PATH, `${PATH}.mirror`]);
    }
  },
);

test("a sync fails as soon as one copy does, however long the other one takes", async () => {
  const world = await emptyDisk();
  await world.run(async () => {
    const { file } = await written(world);
    const [slow, failing] = defined(mirrored(file), "a mirrored file").copies;
    for (const call of ["datasync", "sync"] as const) {
      vi.spyOn(slow, call).mockReturnValue(new Promise(() => {}));
      vi.spyOn(failing, call).mockRejectedValue(
        new FileIOError("EIO", { operation: call, path: PATH }),
      );
      await expect(file[call]()).rejects.toMatchObject({ code: "EIO" });
    }
  });
});

test("a copy that cannot be written in a repair stays as it is, and that is counted", async () => {
  const world = await emptyDisk();
  await world.run(async () => {
    const { files, file } = await written(world);
    world.fault(({ kind, path }) =>
      kind === "write" && path === PATH ? { kind: "error", code: "EIO" } : undefined,
    );
    const right = Uint8Array.of(9, 9);
    expect(await mirrored(file)?.mend([0, 1], right, 1)).toBe(false);
    expect(files.counts).toEqual({ copiesRepaired: 1, copiesNotRepaired: 1 });
    expect(world.disk.content(PATH)).toEqual(BYTES);
    expect(world.disk.content(`${PATH}.mirror`)).toEqual(Uint8Array.of(1, 9, 9, 4));
  });
});
