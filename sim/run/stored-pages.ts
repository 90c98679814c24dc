import { readControl } from "../../engine/recovery/control-format.ts";
import { decodeNode } from "../../engine/pages/node-codec.ts";
import { readArea } from "../../engine/pages/double-write-format.ts";
import { type PageFound, readPage } from "../../engine/pages/page-format.ts";

/** Of `control.db`: where its two slots begin, and how many bytes of each count. */
export const SLOTS: readonly number[] = [0, 65_536];
export const SLOT_BYTES = 96;

export function isControl(content: Uint8Array, start: number): boolean {
  return readControl(content.subarray(start, start + SLOT_BYTES)).kind === "control";
}

/** Where redo begins, as the newest whole slot says; 0 when none is whole. */
export function redoLsnOf(control: Uint8Array): number {
  let newest = { sequence: 0, redoLsn: 0 };
  for (const start of SLOTS) {
    const found = readControl(control.subarray(start, start + SLOT_BYTES));
    if (found.kind === "control" && found.control.sequence > newest.sequence) {
      newest = found.control;
    }
  }
  return newest.redoLsn;
}

export interface PagesShape {
  readonly pageBytes: number;
  readonly pageCount: number;
  readonly storeId: number;
}

/** What the meta page says; undefined when it is not whole. */
export function shapeOf(content: Uint8Array): PagesShape | undefined {
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  for (const pageBytes of [4096, 8192]) {
    if (content.length >= pageBytes) {
      const storeId = view.getUint32(24, true) + view.getUint32(28, true) * 0x1_0000_0000;
      const found = readPage(content.subarray(0, pageBytes), { pageId: 0, storeId });
      const decoded = found.kind === "page" ? decodeNode(found.pageKind, found.body) : undefined;
      if (decoded?.kind === "node" && decoded.node.kind === "meta") {
        return { pageBytes, pageCount: decoded.node.pageCount, storeId };
      }
    }
  }
  return undefined;
}

/** What is at the place of each page; one that is not whole when not even the meta page is. */
export function pagesOf(content: Uint8Array): readonly PageFound[] {
  const shape = shapeOf(content);
  if (shape === undefined) {
    return [{ kind: "bad-checksum" }];
  }
  const { pageBytes, storeId } = shape;
  const found: PageFound[] = [];
  for (let pageId = 0; (pageId + 1) * pageBytes <= content.length; pageId += 1) {
    const bytes = content.subarray(pageId * pageBytes, (pageId + 1) * pageBytes);
    found.push(readPage(bytes, { pageId, storeId }));
  }
  return found;
}

/** What is at the place of one page. */
export function pageAt(content: Uint8Array, shape: PagesShape, pageId: number): PageFound {
  const from = pageId * shape.pageBytes;
  return readPage(content.subarray(from, from + shape.pageBytes), {
    pageId,
    storeId: shape.storeId,
  });
}

/** Ids of the pages that the newest complete double-write area holds. */
export function pagesInNewestArea(
  areas: readonly Uint8Array[],
  shape: PagesShape,
): ReadonlySet<number> {
  let newest = { batchNumber: 0, ids: new Set<number>() };
  for (const area of areas) {
    const found = readArea(area, shape);
    if (found.kind === "complete" && found.batchNumber > newest.batchNumber) {
      const ids = new Set(found.images.map(({ pageId }) => pageId));
      newest = { batchNumber: found.batchNumber, ids };
    }
  }
  return newest.ids;
}
