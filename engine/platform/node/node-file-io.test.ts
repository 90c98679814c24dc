import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { FileIO } from "../file-io.ts";
import { createNodeFileIO } from "./node-file-io.ts";

let directory: string;
const at = (name: string): string => path.join(directory, name);

beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), "seawall-file-io-"));
});

afterEach(() => {
  fs.rmSync(directory, { recursive: true });
});

describe.each([
  ["on the calling thread", createNodeFileIO()],
  ["through the thread pool", createNodeFileIO({ inlineBytesMax: 0 })],
])("transfers %s", (_, files: FileIO) => {
  test("after close every call rejects with EBADF, and close waits for calls under way", async () => {
    const file = await files.open(at("a"), "create");
    const writing = file.write(new Uint8Array(300_000), 0);
    const syncing = file.sync();
    await file.close();
    expect(await writing).toBe(300_000);
    await syncing;
    const calls = [
      () => file.read(new Uint8Array(1), 0),
      () => file.write(new Uint8Array(1), 0),
      () => file.truncate(0),
      () => file.preallocate(10),
      () => file.size(),
      () => file.datasync(),
      () => file.sync(),
      () => file.close(),
    ];
    for (const call of calls) {
      await expect(call()).rejects.toMatchObject({ name: "FileIOError", code: "EBADF" });
    }
  });

  test("preallocate adds written zeros, keeps what is there and never shortens", async () => {
    const file = await files.open(at("a"), "create");
    await file.write(Uint8Array.of(7), 0);
    await file.preallocate(2_500_000);
    await file.preallocate(1000);
    expect(await file.size()).toBe(2_500_000);
    const target = new Uint8Array(2);
    await file.read(target, 0);
    expect([...target]).toEqual([7, 0]);
    await file.sync();
    await file.close();
    const { blocks } = fs.statSync(at("a"));
    expect(blocks * 512).toBeGreaterThanOrEqual(2_500_000);
  });

  test("a full disk is ENOSPC, with the operation and the path", async ({ skip }) => {
    const full = "/dev/full";
    skip(!fs.existsSync(full), "this system has no /dev/full");
    const file = await files.open(full, "write");
    await expect(file.write(new Uint8Array(10), 0)).rejects.toMatchObject({
      code: "ENOSPC",
      operation: "write",
      path: full,
    });
    await file.close();
  });
});

describe("names", () => {
  const files = createNodeFileIO();

  test("opening is refused with the reason: missing, a directory, below a file", async () => {
    await expect(files.open(at("none"), "read")).rejects.toMatchObject({ code: "ENOENT" });
    await expect(files.open(at("none"), "write")).rejects.toMatchObject({ code: "ENOENT" });
    await expect(files.open(directory, "read")).rejects.toMatchObject({ code: "EISDIR" });
    await expect(files.open(directory, "create")).rejects.toMatchObject({ code: "EISDIR" });
    fs.writeFileSync(at("file"), "");
    await expect(files.open(at("file/x"), "create")).rejects.toMatchObject({ code: "ENOTDIR" });
  });

  test("a file opened to read cannot be written, and create keeps what is there", async () => {
    fs.writeFileSync(at("a"), "kept");
    const reader = await files.open(at("a"), "read");
    await expect(reader.write(new Uint8Array(1), 0)).rejects.toMatchObject({ code: "EBADF" });
    await reader.close();
    const creator = await files.open(at("a"), "create");
    expect(await creator.size()).toBe(4);
    await creator.truncate(2);
    await creator.truncate(3);
    await expect(creator.truncate(-1)).rejects.toMatchObject({ code: "EINVAL" });
    await creator.close();
    expect(fs.readFileSync(at("a"), "latin1")).toBe("ke\0");
  });

  test("stat says what is there and undefined for what is not", async () => {
    fs.writeFileSync(at("a"), "12345");
    expect(await files.stat(at("a"))).toEqual({ kind: "file", bytes: 5 });
    expect((await files.stat(directory))?.kind).toBe("directory");
    expect(await files.stat(at("b"))).toBeUndefined();
    expect(await files.stat(at("a/b"))).toBeUndefined();
  });

  test("a directory lists its names in ascending byte order", async () => {
    const names = ["b", "a", "B", "é", "z", "\u{1F30A}", "\uFF5E", "10", "9"];
    for (const name of names) {
      fs.writeFileSync(at(name), "");
    }
    expect(await files.readDirectory(directory)).toEqual(
      names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
    );
    await expect(files.readDirectory(at("none"))).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("making a directory twice is fine, over a file or without its parent it is not", async () => {
    await files.makeDirectory(at("d"));
    await files.makeDirectory(at("d"));
    fs.writeFileSync(at("f"), "");
    await expect(files.makeDirectory(at("f"))).rejects.toMatchObject({ code: "EEXIST" });
    await expect(files.makeDirectory(at("x/y"))).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("rename replaces, unlink removes once, a directory can be synced", async () => {
    fs.writeFileSync(at("a"), "new");
    fs.writeFileSync(at("b"), "old");
    await files.rename(at("a"), at("b"));
    expect(fs.readFileSync(at("b"), "utf8")).toBe("new");
    await files.syncDirectory(directory);
    await files.unlink(at("b"));
    await expect(files.unlink(at("b"))).rejects.toMatchObject({ code: "ENOENT" });
    await expect(files.rename(at("b"), at("c"))).rejects.toMatchObject({ code: "ENOENT" });
    await expect(files.syncDirectory(at("none"))).rejects.toMatchObject({ code: "ENOENT" });
  });
});
