import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  answers,
  DISKS,
  realDisk,
  virtualDisk,
  type DiskStep,
  type DiskUnderTest,
} from "./support/file-io-contract.ts";
import { reasonOf } from "./support/outcomes.ts";

const code = (expected: string): unknown =>
  expect.objectContaining({ name: "FileIOError", code: expected });

describe.each(DISKS)("%s", (_, make) => {
  let disk: DiskUnderTest;
  const at = (name: string): string => `${disk.root}/${name}`;

  beforeEach(() => {
    disk = make();
  });

  afterEach(() => {
    disk.cleanUp();
  });

  test("reads back what was written; beyond the end there are 0 bytes", async () => {
    await disk.run(async () => {
      const file = await disk.files.open(at("a"), "create");
      expect(await file.write(Uint8Array.of(1, 2, 3), 5)).toBe(3);
      const target = new Uint8Array(8).fill(9);
      expect(await file.read(target, 3)).toBe(5);
      expect([...target]).toEqual([0, 0, 1, 2, 3, 9, 9, 9]);
      expect(await file.read(target, 8)).toBe(0);
      expect(await file.read(target, 1000)).toBe(0);
      await file.datasync();
      await file.sync();
      await file.close();
      await disk.files.syncDirectory(disk.root);
    });
  });

  test("shows a write to every other reader at once, also through another name", async () => {
    await disk.run(async () => {
      const writer = await disk.files.open(at("a"), "create");
      const reader = await disk.files.open(at("a"), "read");
      await writer.write(Uint8Array.of(7), 0);
      await disk.files.rename(at("a"), at("b"));
      const target = new Uint8Array(1);
      expect(await reader.read(target, 0)).toBe(1);
      expect([...target]).toEqual([7]);
      expect(await disk.files.stat(at("b"))).toEqual({ kind: "file", bytes: 1 });
      await Promise.all([writer.close(), reader.close()]);
    });
  });

  test("keeps an unlinked file for those who have it open", async () => {
    await disk.run(async () => {
      const file = await disk.files.open(at("a"), "create");
      await file.write(Uint8Array.of(1, 2), 0);
      await disk.files.unlink(at("a"));
      expect(await disk.files.stat(at("a"))).toBeUndefined();
      const again = await disk.files.open(at("a"), "create");
      expect([await file.size(), await again.size()]).toEqual([2, 0]);
      await Promise.all([file.close(), again.close()]);
    });
  });

  test("refuses every call on a closed file with EBADF, and writes to one opened to read", async () => {
    await disk.run(async () => {
      const file = await disk.files.open(at("a"), "create");
      const reader = await disk.files.open(at("a"), "read");
      expect(await reasonOf(() => reader.write(Uint8Array.of(1), 0))).toEqual(code("EBADF"));
      await Promise.all([file.close(), reader.close()]);
      for (const call of [
        () => file.read(new Uint8Array(1), 0),
        () => file.write(new Uint8Array(1), 0),
        () => file.truncate(0),
        () => file.preallocate(10),
        () => file.size(),
        () => file.datasync(),
        () => file.sync(),
        () => file.close(),
      ]) {
        expect(await reasonOf(call)).toEqual(code("EBADF"));
      }
    });
  });

  test("locks exclusively, and again after the release", async () => {
    await disk.run(async () => {
      const lock = await disk.files.lock(at("LOCK"));
      expect(await reasonOf(() => disk.files.lock(at("LOCK")))).toEqual(code("ELOCKED"));
      await lock.release();
      const again = await disk.files.lock(at("LOCK"));
      await again.release();
      expect(await disk.files.readDirectory(disk.root)).toEqual(["LOCK"]);
    });
  });

  test("lists names in byte order", async () => {
    await disk.run(async () => {
      for (const name of ["b", "\u{1F30A}", "\uFF5E", "B", "é", "10", "9"]) {
        const file = await disk.files.open(at(name), "create");
        await file.close();
      }
      expect(await disk.files.readDirectory(disk.root)).toEqual([
        "10",
        "9",
        "B",
        "b",
        "é",
        "\uFF5E",
        "\u{1F30A}",
      ]);
    });
  });
});

/** Directories are made under names of their own: the port renames files only. */
const name = fc.constantFrom("a", "b");
const directory = fc.constantFrom("d", "e");
const anything = fc.oneof(name, directory);
const bytes = fc.oneof(fc.nat(20), fc.constantFrom(511, 512, 513, 4096, 5000));

const step: fc.Arbitrary<DiskStep> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant("open"), name: anything, mode: modes() }) },
  { weight: 1, arbitrary: fc.record({ do: perFile(), name }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("read"), name, at: bytes, bytes }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("write"), name, at: bytes, bytes, fill: fc.nat(255) }),
  },
  { weight: 2, arbitrary: fc.record({ do: resizes(), name, bytes }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("stat", "unlink"), name: anything }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("make-directory"), name: directory }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("rename"), name, to: name }) },
  { weight: 1, arbitrary: fc.record({ do: onDirectory() }) },
);

function modes(): fc.Arbitrary<"read" | "write" | "create"> {
  return fc.constantFrom("create", "create", "write", "read");
}

function perFile(): fc.Arbitrary<"close" | "size" | "datasync" | "sync"> {
  return fc.constantFrom("close", "size", "datasync", "sync");
}

function resizes(): fc.Arbitrary<"truncate" | "preallocate"> {
  return fc.constantFrom("truncate", "preallocate");
}

function onDirectory(): fc.Arbitrary<"read-directory" | "sync-directory"> {
  return fc.constantFrom("read-directory", "sync-directory");
}

test("without faults both answer any calls alike", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const [real, virtual] = [realDisk(64 * 1024), virtualDisk()];
      try {
        expect(await answers(virtual, steps)).toEqual(await answers(real, steps));
      } finally {
        real.cleanUp();
      }
    }),
    // The same calls in every run: a new difference is to be looked for, not to be met by an innocent change.
    { numRuns: 150, seed: 150 },
  );
});
