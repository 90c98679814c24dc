import { lsn } from "../../engine/base/units.ts";
import { DoubleWrite, type DoubleWriteReport } from "../../engine/pages/double-write.ts";
import type { PageImage } from "../../engine/pages/double-write-format.ts";
import { PageFile } from "../../engine/pages/page-file.ts";
import { PAGE_HEADER_BYTES, type PageId, sealPage } from "../../engine/pages/page-format.ts";
import type { FileIO } from "../../engine/platform/file-io.ts";
import { DIRECTORY, VirtualStore } from "./virtual-store.ts";

export const STORE_ID = 0x1234_5678_9a;
export const PAGE_BYTES = 4096;

export interface OpenPages {
  readonly pageFile: PageFile;
  readonly doubleWrite: DoubleWrite;
  readonly report: DoubleWriteReport;
}

/** The page files of a store, on a virtual disk, with every page restored in place. */
export async function openPages(files: FileIO): Promise<OpenPages> {
  const pageFile = await PageFile.open({
    files,
    directory: DIRECTORY,
    pageBytes: PAGE_BYTES,
    storeId: STORE_ID,
  });
  const opened = await DoubleWrite.open({ files, directory: DIRECTORY, pageFile });
  await opened.doubleWrite.restore();
  return { pageFile, ...opened };
}

/** A virtual disk with a directory for the store, both durable. */
export async function emptyDisk(seed?: string): Promise<VirtualStore> {
  const world = new VirtualStore(seed === undefined ? {} : { seed });
  const files = filesOf(world);
  await world.run(async () => {
    await files.makeDirectory(DIRECTORY);
    await files.syncDirectory("/");
  });
  return world;
}

export function filesOf(world: VirtualStore): FileIO {
  return world.options().platform.files;
}

/** A sealed page whose body is the same byte everywhere. */
export function filledPage(pageId: PageId, position: number): PageImage {
  const bytes = new Uint8Array(PAGE_BYTES).fill(position % 251, PAGE_HEADER_BYTES);
  sealPage(bytes, { pageId, storeId: STORE_ID, kind: "overflow", lsn: lsn(position) });
  return { pageId, lsn: lsn(position), bytes };
}
