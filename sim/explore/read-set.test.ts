import { expect, test } from "vitest";

import { PROFILES } from "../disk/profiles.ts";
import { VirtualDisk } from "../disk/virtual-disk.ts";
import { ImageView, ReadObserver, ReadTree } from "./read-set.ts";

function disk(content: readonly number[]): VirtualDisk {
  const made = new VirtualDisk({ profile: PROFILES.paranoid });
  made.write(made.open("/file", "create"), Uint8Array.from(content), 0);
  return made;
}

/** Reads two bytes, writes one of them, reads it again, and reads the file under another name. */
function observed(from: VirtualDisk): ReadObserver {
  const observer = new ReadObserver({ beforeOperation: () => undefined });
  const copy = from.clone();
  copy.faults = observer;
  const file = copy.open("/file", "write");
  copy.read(file, new Uint8Array(2), 0);
  copy.write(file, Uint8Array.of(9), 0);
  copy.read(file, new Uint8Array(1), 0);
  copy.rename("/file", "/other");
  copy.read(file, new Uint8Array(1), 2);
  return observer;
}

test("what was found is asked for once, under the name it was found by; what was written is not", () => {
  expect(observed(disk([1, 2, 3, 4])).asked).toEqual([
    { kind: "entry", path: "/file", from: 0, to: 0 },
    { kind: "bytes", path: "/file", from: 0, to: 2 },
    { kind: "bytes", path: "/file", from: 2, to: 3 },
  ]);
});

test("images that differ only where nobody reads have one outcome", () => {
  const tree = new ReadTree<string>();
  const first = disk([1, 2, 3, 4]);
  tree.add(new ImageView(first), observed(first).asked, "outcome");
  const find = (content: readonly number[]): string | undefined =>
    tree.find(new ImageView(disk(content)))?.outcome;
  expect(find([1, 2, 3, 5])).toBe("outcome");
  expect(find([1, 2, 4, 4])).toBeUndefined();
  expect(find([1, 2, 3])).toBeUndefined();
});
