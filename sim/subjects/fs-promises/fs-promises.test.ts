import fsPromises from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { PROFILES } from "../../disk/profiles.ts";
import { VirtualDisk } from "../../disk/virtual-disk.ts";
import { createFsPromises } from "./fs-promises.ts";
import type { FsPromises } from "./types.ts";

/** The real module fits the type: otherwise this does not compile. */
const REAL: FsPromises = fsPromises;

interface Place {
  readonly fs: FsPromises;
  readonly directory: string;
}

let real: Place;
let virtual: Place;
let disk: VirtualDisk;

beforeEach(async () => {
  const directory = await fsPromises.mkdtemp(path.join(os.tmpdir(), "seawall-fs-"));
  real = { fs: REAL, directory };
  disk = new VirtualDisk({ profile: PROFILES.paranoid });
  disk.makeDirectory("/home");
  virtual = { fs: createFsPromises(disk), directory: "/home" };
  for (const { fs, directory } of [real, virtual]) {
    await fs.mkdir(`${directory}/dir`);
    await fs.mkdir(`${directory}/full/deep`, { recursive: true });
    await fs.writeFile(`${directory}/file`, "hello");
    await fs.writeFile(`${directory}/full/name`, "inside");
  }
});

afterEach(async () => {
  await fsPromises.rm(real.directory, { recursive: true });
});

type Work = (fs: FsPromises, at: (name: string) => string) => Promise<unknown>;

/** What the call came to, without the place where it was made. */
async function outcome({ fs, directory }: Place, work: Work): Promise<unknown> {
  const strip = (value: unknown): unknown =>
    typeof value === "string" ? value.replaceAll(directory, "") : value;
  try {
    const result = await work(fs, (name) => `${directory}/${name}`);
    return { result: Buffer.isBuffer(result) ? `buffer ${result.toString("hex")}` : strip(result) };
  } catch (error) {
    if (!(error instanceof Error)) {
      throw error;
    }
    const { code, errno, syscall, path, dest } = error as NodeJS.ErrnoException & { dest?: string };
    const blame = { code, errno, syscall, path: strip(path), dest: strip(dest) };
    // Node.js words what it finds wrong with arguments from version to version as it likes.
    const isOurs = code?.startsWith("ERR_") !== true;
    return { name: error.name, ...blame, message: isOurs ? strip(error.message) : undefined };
  }
}

/** Everything below the directory: names, kinds and contents. */
async function tree({ fs, directory }: Place): Promise<readonly string[]> {
  const lines: string[] = [];
  const walk = async (below: string): Promise<void> => {
    for (const entry of await fs.readdir(directory + below, { withFileTypes: true })) {
      const name = `${below}/${entry.name}`;
      if (entry.isDirectory()) {
        lines.push(`${name}/`);
        await walk(name);
      } else {
        lines.push(`${name}: ${await fs.readFile(directory + name, "latin1")}`);
      }
    }
  };
  await walk("");
  return lines;
}

async function expectAlike(work: Work): Promise<void> {
  expect(await outcome(virtual, work)).toEqual(await outcome(real, work));
  expect(await tree(virtual)).toEqual(await tree(real));
}

const FLAGS = ["r", "r+", "w", "wx", "w+", "wx+", "a", "ax", "a+", "ax+"] as const;
const NAMES = ["file", "dir", "missing", "missing/below", "file/below"] as const;

describe.each(FLAGS)("what is opened with %s", (flags) => {
  test.each(NAMES)("%s: opens or is refused", async (name) => {
    await expectAlike(async (fs, at) => {
      const handle = await fs.open(at(name), flags);
      await handle.close();
    });
  });

  test.each<readonly [string, (fs: Awaited<ReturnType<FsPromises["open"]>>) => Promise<unknown>]>([
    ["reads", async (file) => (await file.read(Buffer.alloc(9))).bytesRead],
    ["reads a part", async (file) => (await file.read(Buffer.alloc(9), 2, 3, 1)).bytesRead],
    ["reads all", (file) => file.readFile()],
    ["reads text", (file) => file.readFile("utf8")],
    ["writes bytes", async (file) => (await file.write(Buffer.from("xyz"), 1, 2)).bytesWritten],
    [
      "writes at a place",
      async (file) => (await file.write(Buffer.from("xyz"), 0, 3, 7)).bytesWritten,
    ],
    ["writes text", async (file) => (await file.write("é", null, "utf8")).bytesWritten],
    ["writes text at a place", async (file) => (await file.write("é", 3, "latin1")).bytesWritten],
    ["writes nothing", async (file) => (await file.write("")).bytesWritten],
    ["is written as a whole", (file) => file.writeFile("yy")],
    ["is appended to", (file) => file.appendFile(Buffer.from("zz"))],
    ["is cut", (file) => file.truncate(2)],
    ["is emptied", (file) => file.truncate()],
    ["grows", (file) => file.truncate(8)],
    ["is synced", (file) => file.sync()],
    ["has its data synced", (file) => file.datasync()],
    ["says its size", async (file) => sizeOf(await file.stat())],
  ])("%s", async (_, work) => {
    for (const name of ["file", "dir"]) {
      await expectAlike(async (fs, at) => {
        const handle = await fs.open(at(name), flags);
        try {
          return await work(handle);
        } finally {
          await handle.close();
        }
      });
    }
  });

  test("goes on where the last transfer ended", async () => {
    await expectAlike(async (fs, at) => {
      const handle = await fs.open(at("new"), flags.includes("x") ? flags : "w+");
      await handle.close();
      const file = await fs.open(at("new"), flags.replace("x", ""));
      const found: unknown[] = [];
      const note = async (work: Promise<{ bytesRead: number } | { bytesWritten: number }>) => {
        found.push(await work.then(Object.values, (error: NodeJS.ErrnoException) => error.code));
      };
      await note(file.write("one,"));
      await note(file.write(Buffer.from("two,")));
      await note(file.write("XX", 1));
      await note(file.write("three"));
      await note(file.read({ buffer: Buffer.alloc(4), position: 0 }));
      await note(file.read(Buffer.alloc(2), { length: 1 }));
      await note(file.write("!"));
      await note(file.read(Buffer.alloc(20)));
      await file.close();
      return JSON.stringify(found);
    });
  });
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
    await expectAlike(work);
  });

  test("untyped callers are refused what Node.js refuses them", async () => {
    const number = 5 as unknown as string;
    const nothing = null as unknown as string;
    const unknown = "nope" as "utf8";
    await expectAlike(async (fs) => fs.open(number));
    await expectAlike(async (fs, at) => fs.writeFile(at("file"), number));
    await expectAlike(async (fs, at) => fs.writeFile(at("file"), nothing));
    await expectAlike(async (fs, at) => fs.readFile(at("file"), unknown));
  });

  test("a buffer is used only where it is one", async () => {
    const PARTS = [
      [0, 5],
      [3, undefined],
      [2, undefined],
      [1, 2],
      [-1, 1],
      [0.5, 1],
    ] as const;
    for (const [offset, length] of PARTS) {
      await expectAlike(async (fs, at) => {
        const file = await fs.open(at("file"), "r+");
        try {
          return (await file.read(Buffer.alloc(2), offset, length)).bytesRead;
        } finally {
          await file.close();
        }
      });
      await expectAlike(async (fs, at) => {
        const file = await fs.open(at("file"), "r+");
        try {
          return (await file.write(Buffer.alloc(2), offset, length)).bytesWritten;
        } finally {
          await file.close();
        }
      });
    }
  });
});

describe("handles", () => {
  test("a closed one is refused everything but being closed again", async () => {
    for (const name of ["file", "dir"]) {
      for (const use of HANDLE_USES) {
        await expectAlike(async (fs, at) => {
          const handle = await fs.open(at(name));
          await handle.close();
          return use(handle);
        });
      }
    }
  });

  test("an open one follows its file, however that is called by now, and when it has no name", async () => {
    await expectAlike(async (fs, at) => {
      const file = await fs.open(at("file"), "r+");
      await fs.rename(at("file"), at("renamed"));
      await file.writeFile("J");
      await fs.unlink(at("renamed"));
      await file.write("y", 4);
      const found = await file.read(Buffer.alloc(9), 0, 9, 0);
      await file.close();
      return found.buffer.toString("latin1", 0, found.bytesRead);
    });
  });
});

const HANDLE_USES: readonly ((
  handle: Awaited<ReturnType<FsPromises["open"]>>,
) => Promise<unknown>)[] = [
  (handle) => handle.read(Buffer.alloc(1)),
  (handle) => handle.write("x"),
  (handle) => handle.readFile(),
  (handle) => handle.writeFile("x"),
  (handle) => handle.truncate(),
  (handle) => handle.stat(),
  (handle) => handle.sync(),
  (handle) => handle.datasync(),
  (handle) => handle.close(),
];

/** Of a directory every file system says what it likes. */
function sizeOf(stats: Awaited<ReturnType<FsPromises["stat"]>>): number | undefined {
  return stats.isFile() ? stats.size : undefined;
}

function kinds(stats: Awaited<ReturnType<FsPromises["stat"]>>): readonly unknown[] {
  return [sizeOf(stats), stats.isFile(), stats.isDirectory(), stats.isSymbolicLink()];
}

describe("what lasts", () => {
  const fs = (): FsPromises => virtual.fs;

  test("a synced file is durable, and its name only when its directory is synced", async () => {
    const file = await fs().open("/home/log", "w");
    await file.writeFile("kept");
    await file.sync();
    await file.close();
    expect(disk.durableBytes("/home/log")).toBeUndefined();
    for (const directory of ["/", "/home"]) {
      const handle = await fs().open(directory);
      await handle.sync();
      await handle.close();
    }
    expect(Buffer.from(disk.durableBytes("/home/log") ?? []).toString()).toBe("kept");
  });

  test("flush is a sync of the file", async () => {
    await fs().writeFile("/home/a", "A", { flush: true });
    await fs().writeFile("/home/b", "B");
    disk.syncDirectory("/");
    disk.syncDirectory("/home");
    expect(disk.durableBytes("/home/a")?.length).toBe(1);
    expect(disk.durableBytes("/home/b")?.length).toBe(0);
  });

  test("what the disk cannot do is never taken for a fault of the disk", async () => {
    await expect(fs().rename("/home/dir", "/home/new")).rejects.toMatchObject({ code: "ENOSYS" });
    await expect(fs().rename("/home/file", "/home/dir/file")).rejects.toMatchObject({
      code: "ENOSYS",
    });
  });

  test("faults of the disk arrive as Node.js reports them", async () => {
    const file = await fs().open("/home/file", "r+");
    disk.faults = {
      beforeOperation: ({ kind }) =>
        kind === "sync" ? { kind: "failed-sync", storedPattern: 0 } : undefined,
    };
    await expect(file.sync()).rejects.toMatchObject({ code: "EIO", errno: -5, syscall: "fsync" });
    disk.faults = undefined;
    disk.capacityBytes = disk.usedBytes;
    await expect(fs().writeFile("/home/big", Buffer.alloc(9000))).rejects.toMatchObject({
      code: "ENOSPC",
      message: "ENOSPC: no space left on device, write",
    });
  });
});
