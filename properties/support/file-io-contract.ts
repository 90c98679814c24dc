import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { isFileIOError, type FileHandle, type FileIO } from "../../engine/platform/file-io.ts";
import { createNodeFileIO } from "../../engine/platform/node/node-file-io.ts";
import { VirtualStore } from "./virtual-store.ts";

/** A disk under test: an empty directory of it, and how to let the time of its world pass. */
export interface DiskUnderTest {
  readonly files: FileIO;
  readonly root: string;
  run<T>(work: () => Promise<T>): Promise<T>;
  cleanUp(): void;
}

export const DISKS: readonly (readonly [name: string, make: () => DiskUnderTest])[] = [
  ["the virtual disk", virtualDisk],
  ["the real disk", () => realDisk(64 * 1024)],
  ["the real disk, always through the thread pool", () => realDisk(0)],
];

export function virtualDisk(): DiskUnderTest {
  const store = new VirtualStore({ seed: "contract" });
  store.disk.makeDirectory("/root");
  return {
    files: store.options().platform.files,
    root: "/root",
    run: (work) => store.run(work),
    cleanUp: () => {},
  };
}

export function realDisk(inlineBytesMax: number): DiskUnderTest {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), "seawall-contract-"));
  return {
    files: createNodeFileIO({ inlineBytesMax }),
    root,
    run: (work) => work(),
    cleanUp: () => {
      fs.rmSync(root, { recursive: true });
    },
  };
}

/** One call of the port, as data. Files are named, positions and lengths small enough to overlap. */
export type DiskStep =
  | { readonly do: "open"; readonly name: string; readonly mode: "read" | "write" | "create" }
  | { readonly do: "close" | "size" | "datasync" | "sync"; readonly name: string }
  | { readonly do: "read"; readonly name: string; readonly at: number; readonly bytes: number }
  | {
      readonly do: "write";
      readonly name: string;
      readonly at: number;
      readonly bytes: number;
      readonly fill: number;
    }
  | { readonly do: "truncate" | "preallocate"; readonly name: string; readonly bytes: number }
  | { readonly do: "stat" | "unlink" | "make-directory"; readonly name: string }
  | { readonly do: "rename"; readonly name: string; readonly to: string }
  | { readonly do: "read-directory" | "sync-directory" };

/** What every step answered: its result, or the code of its error. */
export async function answers(
  disk: DiskUnderTest,
  steps: readonly DiskStep[],
): Promise<readonly unknown[]> {
  const open = new Map<string, FileHandle>();
  const found: unknown[] = [];
  await disk.run(async () => {
    for (const step of steps) {
      found.push(await answer(disk, open, step));
    }
    for (const file of open.values()) {
      await file.close();
    }
  });
  return found;
}

async function answer(
  disk: DiskUnderTest,
  open: Map<string, FileHandle>,
  step: DiskStep,
): Promise<unknown> {
  try {
    return await take(disk, open, step);
  } catch (error) {
    if (isFileIOError(error)) {
      return error.code;
    }
    throw error;
  }
}

async function take(
  disk: DiskUnderTest,
  open: Map<string, FileHandle>,
  step: DiskStep,
): Promise<unknown> {
  const { files, root } = disk;
  switch (step.do) {
    case "open": {
      await open.get(step.name)?.close();
      open.delete(step.name);
      open.set(step.name, await files.open(`${root}/${step.name}`, step.mode));
      return "open";
    }
    case "stat": {
      const found = await files.stat(`${root}/${step.name}`);
      // The size of a directory means nothing.
      return found?.kind === "directory" ? found.kind : found;
    }
    case "unlink":
      return await files.unlink(`${root}/${step.name}`);
    case "make-directory":
      return await files.makeDirectory(`${root}/${step.name}`);
    case "rename":
      return await files.rename(`${root}/${step.name}`, `${root}/${step.to}`);
    case "read-directory":
      return await files.readDirectory(root);
    case "sync-directory":
      return await files.syncDirectory(root);
    default: {
      const file = open.get(step.name);
      return file === undefined ? "not open" : await takeOn(file, open, step);
    }
  }
}

type FileStep = Extract<
  DiskStep,
  { do: "close" | "size" | "datasync" | "sync" | "read" | "write" | "truncate" | "preallocate" }
>;

async function takeOn(
  file: FileHandle,
  open: Map<string, FileHandle>,
  step: FileStep,
): Promise<unknown> {
  switch (step.do) {
    case "close":
      open.delete(step.name);
      return await file.close();
    case "read": {
      const target = new Uint8Array(step.bytes);
      const count = await file.read(target, step.at);
      return [...target.subarray(0, count)];
    }
    case "write":
      return await file.write(new Uint8Array(step.bytes).fill(step.fill), step.at);
    case "truncate":
      return await file.truncate(step.bytes);
    case "preallocate":
      return await file.preallocate(step.bytes);
    case "size":
      return await file.size();
    case "datasync":
      return await file.datasync();
    case "sync":
      return await file.sync();
  }
}
