import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BothFileSystems, sizeOf } from "../../../properties/support/both-file-systems.ts";
import type { FsFileHandle, FsPromises } from "./types.ts";

let both: BothFileSystems;

beforeEach(async () => {
  both = await BothFileSystems.make();
});

afterEach(async () => {
  await both.remove();
});

const FLAGS = ["r", "r+", "w", "wx", "w+", "wx+", "a", "ax", "a+", "ax+"] as const;
const NAMES = ["file", "dir", "missing", "missing/below", "file/below"] as const;

describe.each(FLAGS)("what is opened with %s", (flags) => {
  test.each(NAMES)("%s: opens or is refused", async (name) => {
    const found = await both.run(async (fs, at) => {
      const handle = await fs.open(at(name), flags);
      await handle.close();
    });
    expect(found.virtual).toEqual(found.real);
  });

  test.each<readonly [string, (fs: FsFileHandle) => Promise<unknown>]>([
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
      const found = await both.run(async (fs, at) => {
        const handle = await fs.open(at(name), flags);
        try {
          return await work(handle);
        } finally {
          await handle.close();
        }
      });
      expect(found.virtual).toEqual(found.real);
    }
  });

  test("goes on where the last transfer ended", async () => {
    const found = await both.run(async (fs, at) => {
      const handle = await fs.open(at("new"), flags.includes("x") ? flags : "w+");
      await handle.close();
      const file = await fs.open(at("new"), flags.replace("x", ""));
      const found: unknown[] = [];
      const note = async (work: Promise<{ bytesRead: number } | { bytesWritten: number }>) => {
        found.push(await work.then(Object.values, codeOf));
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
    expect(found.virtual).toEqual(found.real);
  });
});

describe("handles", () => {
  test("a closed one is refused everything but being closed again", async () => {
    for (const name of ["file", "dir"]) {
      for (const use of HANDLE_USES) {
        const found = await both.run(async (fs, at) => {
          const handle = await fs.open(at(name));
          await handle.close();
          return use(handle);
        });
        expect(found.virtual).toEqual(found.real);
      }
    }
  });

  test("an open one follows its file, however that is called by now, and when it has no name", async () => {
    const found = await both.run(async (fs, at) => {
      const file = await fs.open(at("file"), "r+");
      await fs.rename(at("file"), at("renamed"));
      await file.writeFile("J");
      await fs.unlink(at("renamed"));
      await file.write("y", 4);
      const found = await file.read(Buffer.alloc(9), 0, 9, 0);
      await file.close();
      return found.buffer.toString("latin1", 0, found.bytesRead);
    });
    expect(found.virtual).toEqual(found.real);
  });

  test.each([
    [0, 5],
    [3, undefined],
    [2, undefined],
    [1, 2],
    [-1, 1],
    [0.5, 1],
  ])("of a buffer of 2 bytes from %s on %s are transferred, or none", async (offset, length) => {
    const read = await both.run((fs, at) =>
      withOpen(fs, at("file"), async (file) => {
        return (await file.read(Buffer.alloc(2), offset, length)).bytesRead;
      }),
    );
    expect(read.virtual).toEqual(read.real);
    const written = await both.run((fs, at) =>
      withOpen(fs, at("file"), async (file) => {
        return (await file.write(Buffer.alloc(2), offset, length)).bytesWritten;
      }),
    );
    expect(written.virtual).toEqual(written.real);
  });
});

const HANDLE_USES: readonly ((handle: FsFileHandle) => Promise<unknown>)[] = [
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

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : error;
}

async function withOpen<T>(
  fs: FsPromises,
  name: string,
  work: (file: FsFileHandle) => Promise<T>,
): Promise<T> {
  const file = await fs.open(name, "r+");
  try {
    return await work(file);
  } finally {
    await file.close();
  }
}
