import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  BothFileSystems,
  sizeOf,
  type Work,
} from "../../../properties/support/both-file-systems.ts";
import type { FsPromises, FsStats } from "./types.ts";

let both: BothFileSystems;

beforeEach(async () => {
  both = await BothFileSystems.make();
});

afterEach(async () => {
  await both.remove();
});

describe("paths and arguments", () => {
  const CALLS: readonly (readonly [string, Work])[] = [
    ["open without flags", async (fs, at) => (await fs.open(at("file"))).close()],
    ["open with letters that mean nothing", async (fs, at) => fs.open(at("file"), "rx")],
    ["open nothing", async (fs) => fs.open("")],
    ["open a name with a zero byte", async (fs) => fs.open("a\0b")],
    ["read a file", async (fs, at) => fs.readFile(at("file"))],
    ["read text", async (fs, at) => fs.readFile(at("file"), "utf8")],
    ["read in hex", async (fs, at) => fs.readFile(at("file"), { encoding: "hex" })],
    ["read, making the file", async (fs, at) => fs.readFile(at("new"), { flag: "a+" })],
    ["read a directory as a file", async (fs, at) => fs.readFile(at("dir"))],
    ["read what is missing", async (fs, at) => fs.readFile(at("missing"), "utf8")],
    ["write text", async (fs, at) => fs.writeFile(at("file"), "é!")],
    ["write in latin1", async (fs, at) => fs.writeFile(at("file"), "é!", "latin1")],
    [
      "write bytes of a view",
      async (fs, at) => fs.writeFile(at("new"), Buffer.from("abcd").subarray(1, 3)),
    ],
    ["write nothing", async (fs, at) => fs.writeFile(at("file"), "")],
    ["write and flush", async (fs, at) => fs.writeFile(at("file"), "x", { flush: true })],
    ["write only what is new", async (fs, at) => fs.writeFile(at("file"), "x", { flag: "wx" })],
    ["write over the beginning", async (fs, at) => fs.writeFile(at("file"), "x", { flag: "r+" })],
    [
      "write to what is opened to read",
      async (fs, at) => fs.writeFile(at("file"), "x", { flag: "r" }),
    ],
    ["write to a directory", async (fs, at) => fs.writeFile(at("dir"), "x")],
    ["write below what is missing", async (fs, at) => fs.writeFile(at("missing/x"), "x")],
    ["write below a file", async (fs, at) => fs.writeFile(at("file/x"), "x")],
    ["append", async (fs, at) => fs.appendFile(at("file"), "more")],
    ["append to what is missing", async (fs, at) => fs.appendFile(at("new"), "more")],
    ["append below what is missing", async (fs, at) => fs.appendFile(at("missing/x"), "more")],
    ["truncate", async (fs, at) => fs.truncate(at("file"), 2)],
    ["truncate to nothing", async (fs, at) => fs.truncate(at("file"))],
    ["truncate to less than nothing", async (fs, at) => fs.truncate(at("file"), -1)],
    ["truncate what is missing", async (fs, at) => fs.truncate(at("missing"))],
    ["truncate a directory", async (fs, at) => fs.truncate(at("dir"))],
    ["rename", async (fs, at) => fs.rename(at("file"), at("new"))],
    ["rename over another", async (fs, at) => fs.rename(at("full/name"), at("full/name"))],
    ["rename what is missing", async (fs, at) => fs.rename(at("missing"), at("new"))],
    ["rename to below what is missing", async (fs, at) => fs.rename(at("file"), at("missing/x"))],
    ["rename to below a file", async (fs, at) => fs.rename(at("full/name"), at("file/x"))],
    ["rename a file over a directory", async (fs, at) => fs.rename(at("file"), at("dir"))],
    ["rename a directory over a file", async (fs, at) => fs.rename(at("dir"), at("file"))],
    ["copy", async (fs, at) => fs.copyFile(at("file"), at("new"))],
    ["copy over a longer one", async (fs, at) => fs.copyFile(at("file"), at("full/name"))],
    ["copy a file to itself", async (fs, at) => fs.copyFile(at("file"), at("file"))],
    [
      "copy only to what is new",
      async (fs, at) => fs.copyFile(at("file"), at("full/name"), fs.constants.COPYFILE_EXCL),
    ],
    ["copy what is missing", async (fs, at) => fs.copyFile(at("missing"), at("new"))],
    ["copy a directory", async (fs, at) => fs.copyFile(at("dir"), at("new"))],
    ["copy over a directory", async (fs, at) => fs.copyFile(at("file"), at("dir"))],
    ["copy to below what is missing", async (fs, at) => fs.copyFile(at("file"), at("missing/x"))],
    ["unlink", async (fs, at) => fs.unlink(at("file"))],
    ["unlink what is missing", async (fs, at) => fs.unlink(at("missing"))],
    ["unlink a directory", async (fs, at) => fs.unlink(at("dir"))],
    ["unlink below a file", async (fs, at) => fs.unlink(at("file/x"))],
    ["rm", async (fs, at) => fs.rm(at("file"))],
    ["rm what is missing", async (fs, at) => fs.rm(at("missing"))],
    ["rm what may be missing", async (fs, at) => fs.rm(at("missing"), { force: true })],
    ["rm a directory", async (fs, at) => fs.rm(at("dir"))],
    ["rm a tree", async (fs, at) => fs.rm(at("full"), { recursive: true })],
    ["mkdir", async (fs, at) => fs.mkdir(at("new"))],
    ["mkdir of what is there", async (fs, at) => fs.mkdir(at("dir"))],
    ["mkdir of what is a file", async (fs, at) => fs.mkdir(at("file"))],
    ["mkdir below what is missing", async (fs, at) => fs.mkdir(at("missing/x"))],
    ["mkdir below a file", async (fs, at) => fs.mkdir(at("file/x"))],
    ["mkdir -p", async (fs, at) => fs.mkdir(at("full/new/newer"), { recursive: true })],
    ["mkdir -p of what is there", async (fs, at) => fs.mkdir(at("full/deep"), { recursive: true })],
    ["mkdir -p of what is a file", async (fs, at) => fs.mkdir(at("file"), { recursive: true })],
    ["mkdir -p below a file", async (fs, at) => fs.mkdir(at("file/x"), { recursive: true })],
    ["rmdir", async (fs, at) => fs.rmdir(at("dir"))],
    ["rmdir of a full one", async (fs, at) => fs.rmdir(at("full"))],
    ["rmdir of a file", async (fs, at) => fs.rmdir(at("file"))],
    ["rmdir of what is missing", async (fs, at) => fs.rmdir(at("missing"))],
    ["readdir", async (fs, at) => fs.readdir(at("full"))],
    ["readdir of a file", async (fs, at) => fs.readdir(at("file"))],
    ["readdir of what is missing", async (fs, at) => fs.readdir(at("missing"))],
    ["stat of a file", async (fs, at) => kinds(await fs.stat(at("file")))],
    ["stat of a directory", async (fs, at) => kinds(await fs.lstat(at("dir")))],
    ["stat of what is missing", async (fs, at) => fs.stat(at("missing"))],
    ["lstat of what is missing", async (fs, at) => fs.lstat(at("missing"))],
    ["stat below a file", async (fs, at) => fs.stat(at("file/x"))],
    ["access", async (fs, at) => fs.access(at("file"), fs.constants.R_OK)],
    ["access to what is missing", async (fs, at) => fs.access(at("missing"))],
    ["a way round", async (fs, at) => fs.readFile(at("./full/../file"), "utf8")],
  ];

  test.each(CALLS)("%s", async (_, work) => {
    const found = await both.run(work);
    expect(found.virtual).toEqual(found.real);
  });

  test.each<readonly [string, Work]>([
    ["open a number", async (fs) => untyped(fs)("open", 5)],
    ["write a number", async (fs, at) => untyped(fs)("writeFile", at("file"), 5)],
    ["write null", async (fs, at) => untyped(fs)("writeFile", at("file"), null)],
    ["read in no encoding", async (fs, at) => untyped(fs)("readFile", at("file"), "nope")],
  ])("untyped callers are refused what Node.js refuses them: %s", async (_, work) => {
    const found = await both.run(work);
    expect(found.virtual).toEqual(found.real);
  });
});

/** As JavaScript calls it. */
function untyped(fs: FsPromises): (call: string, ...args: readonly unknown[]) => unknown {
  return (call, ...args) => {
    const found: unknown = Reflect.get(fs, call);
    return typeof found === "function" ? Reflect.apply(found, fs, args) : undefined;
  };
}

function kinds(stats: FsStats): readonly unknown[] {
  return [sizeOf(stats), stats.isFile(), stats.isDirectory(), stats.isSymbolicLink()];
}

describe("what lasts", () => {
  test("a synced file is durable, and its name only when its directory is synced", async () => {
    const file = await both.virtual.fs.open("/home/log", "w");
    await file.writeFile("kept");
    await file.sync();
    await file.close();
    expect(both.disk.durableBytes("/home/log")).toBeUndefined();
    for (const directory of ["/", "/home"]) {
      const handle = await both.virtual.fs.open(directory);
      await handle.sync();
      await handle.close();
    }
    expect(Buffer.from(both.disk.durableBytes("/home/log") ?? []).toString()).toBe("kept");
  });

  test("flush is a sync of the file", async () => {
    await both.virtual.fs.writeFile("/home/a", "A", { flush: true });
    await both.virtual.fs.writeFile("/home/b", "B");
    both.disk.syncDirectory("/");
    both.disk.syncDirectory("/home");
    expect(both.disk.durableBytes("/home/a")?.length).toBe(1);
    expect(both.disk.durableBytes("/home/b")?.length).toBe(0);
  });

  test("what the disk cannot do is never taken for a fault of the disk", async () => {
    await expect(both.virtual.fs.rename("/home/dir", "/home/new")).rejects.toMatchObject({
      code: "ENOSYS",
    });
    await expect(both.virtual.fs.rename("/home/file", "/home/dir/file")).rejects.toMatchObject({
      code: "ENOSYS",
    });
  });

  test("faults of the disk arrive as Node.js reports them", async () => {
    const file = await both.virtual.fs.open("/home/file", "r+");
    both.disk.faults = {
      beforeOperation: ({ kind }) =>
        kind === "sync" ? { kind: "failed-sync", storedPattern: 0 } : undefined,
    };
    await expect(file.sync()).rejects.toMatchObject({ code: "EIO", errno: -5, syscall: "fsync" });
    both.disk.faults = undefined;
    both.disk.capacityBytes = both.disk.usedBytes;
    await expect(both.virtual.fs.writeFile("/home/big", Buffer.alloc(9000))).rejects.toMatchObject({
      code: "ENOSPC",
      message: "ENOSPC: no space left on device, write",
    });
  });
});
