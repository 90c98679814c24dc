import fs from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createNodeFileIO } from "../../engine/platform/node/index.ts";
import { contentsOf, scratchDirectory } from "../testing/sample-store.ts";
import { OverlayFileIO } from "./overlay-file-io.ts";

let root: string;
let files: OverlayFileIO;

beforeEach(() => {
  root = scratchDirectory();
  fs.writeFileSync(path.join(root, "a"), "on the disk");
  files = new OverlayFileIO(createNodeFileIO());
});

afterEach(async () => {
  await files.close();
  fs.rmSync(root, { recursive: true });
});

const at = (name: string): string => `${root}/${name}`;

async function textOf(name: string): Promise<string> {
  const file = await files.open(at(name), "read");
  const bytes = new Uint8Array(await file.size());
  await file.read(bytes, 0);
  await file.close();
  return Buffer.from(bytes).toString();
}

test("shows the disk's files, and everything that is written over them", async () => {
  const file = await files.open(at("a"), "write");
  await file.write(Buffer.from("over"), 0);
  expect(await textOf("a")).toBe("overhe disk");
  await file.truncate(6);
  await file.preallocate(8);
  expect(await textOf("a")).toBe("overhe\0\0");
  await file.write(Buffer.from("!"), 9);
  expect(await textOf("a")).toBe("overhe\0\0\0!");
});

test("shows names as they were changed", async () => {
  await (await files.open(at("b"), "create")).write(Buffer.from("new"), 0);
  await files.rename(at("a"), at("c"));
  expect(await files.readDirectory(root)).toEqual(["b", "c"]);
  expect(await textOf("c")).toBe("on the disk");
  expect(await files.stat(at("a"))).toBeUndefined();
  await files.unlink(at("c"));
  expect(await files.readDirectory(root)).toEqual(["b"]);
  expect(await files.stat(at("b"))).toEqual({ kind: "file", bytes: 3 });
  await expect(files.open(at("a"), "read")).rejects.toMatchObject({ code: "ENOENT" });
  await expect(files.unlink(at("a"))).rejects.toMatchObject({ code: "ENOENT" });
  await expect(files.makeDirectory(at("d"))).rejects.toMatchObject({ code: "EROFS" });
});

test("a file that was removed and made again is empty", async () => {
  await files.unlink(at("a"));
  const file = await files.open(at("a"), "create");
  await file.preallocate(3);
  expect(await textOf("a")).toBe("\0\0\0");
});

test("a handle for reading refuses to write, a closed one refuses everything", async () => {
  const file = await files.open(at("a"), "read");
  await expect(file.write(Buffer.from("x"), 0)).rejects.toMatchObject({ code: "EBADF" });
  await file.close();
  await expect(file.size()).rejects.toMatchObject({ code: "EBADF" });
});

describe("in any order", () => {
  const bytes = fc.integer({ min: 0, max: 20_000 });
  const step = fc.oneof(
    fc.record({ do: fc.constant("write" as const), at: bytes, bytes, fill: fc.nat(255) }),
    fc.record({ do: fc.constant("truncate" as const), bytes }),
    fc.record({ do: fc.constant("preallocate" as const), bytes }),
  );

  test("the contents are those of a real file, and the disk keeps its own", async () => {
    const real = createNodeFileIO();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), bytes, async (steps, baseBytes) => {
        fs.writeFileSync(at("base"), Buffer.alloc(baseBytes, 7));
        fs.copyFileSync(at("base"), at("model"));
        const before = contentsOf(root).get("base");
        const overlay = new OverlayFileIO(real);
        const pair = [
          await overlay.open(at("base"), "write"),
          await real.open(at("model"), "write"),
        ];
        for (const file of pair) {
          for (const each of steps) {
            if (each.do === "write") {
              await file.write(Buffer.alloc(each.bytes, each.fill), each.at);
            } else {
              await file[each.do](each.bytes);
            }
          }
        }
        const [shown, expected] = await Promise.all(
          pair.map(async (file) => {
            const target = new Uint8Array(await file.size());
            await file.read(target, 0);
            await file.close();
            return Buffer.from(target);
          }),
        );
        await overlay.close();
        expect(shown?.equals(expected ?? Buffer.alloc(0))).toBe(true);
        expect(contentsOf(root).get("base")).toBe(before);
      }),
      { numRuns: 50 },
    );
  });
});
