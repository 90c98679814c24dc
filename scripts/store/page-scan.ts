import { defined } from "../../engine/base/assert.ts";
import { isSeawallError } from "../../engine/base/errors.ts";
import type { Lsn } from "../../engine/base/units.ts";
import { decodeNode, encodedBytes } from "../../engine/pages/node-codec.ts";
import type { PageNode } from "../../engine/pages/node.ts";
import { describeFound, PAGE_HEADER_BYTES, readPage } from "../../engine/pages/page-format.ts";
import type { PageId } from "../../engine/pages/page-format.ts";
import { PAGE_FILE_NAME } from "../../engine/pages/page-file.ts";
import { isFileIOError, type FileHandle, type FileIO } from "../../engine/platform/file-io.ts";
import { mirrored } from "../../engine/platform/mirrored-file.ts";
import { readCopies } from "../../engine/platform/read-copies.ts";
import { readWhole } from "../../engine/platform/whole-io.ts";

/** What is at the place of a page, decoded as far as it can be. */
export type PageAtPlace =
  | {
      readonly kind: "page";
      readonly id: PageId;
      readonly lsn: Lsn;
      readonly node: PageNode;
      /** Bytes of the page that are in use. */
      readonly bytes: number;
    }
  | { readonly kind: "zeros"; readonly id: PageId }
  | { readonly kind: "damaged"; readonly id: PageId; readonly what: string };

export interface PageShape {
  readonly pageBytes: number;
  readonly storeId: number;
}

/** Looks at the pages of a file as they are on the disk; damage is an answer. */
export class PageScan {
  readonly #file: FileHandle | undefined;
  readonly #shape: PageShape;
  /** Whole pages that the file has room for. */
  readonly places: number;

  private constructor(file: FileHandle | undefined, shape: PageShape, places: number) {
    this.#file = file;
    this.#shape = shape;
    this.places = places;
  }

  static async open(files: FileIO, directory: string, shape: PageShape): Promise<PageScan> {
    const path = `${directory}/${PAGE_FILE_NAME}`;
    const stat = await files.stat(path);
    if (stat?.kind !== "file") {
      return new PageScan(undefined, shape, 0);
    }
    const file = await files.open(path, "read");
    return new PageScan(file, shape, Math.floor((await file.size()) / shape.pageBytes));
  }

  async look(id: PageId): Promise<PageAtPlace> {
    const bytes = new Uint8Array(this.#shape.pageBytes);
    try {
      if (this.#file !== undefined && id < this.places) {
        return await this.#lookAt(this.#file, id);
      }
    } catch (error) {
      if (isFileIOError(error) || isSeawallError(error)) {
        return { kind: "damaged", id, what: `cannot be read: ${error.message}` };
      }
      throw error;
    }
    return pageIn(bytes, id, this.#shape.storeId);
  }

  /** Of two copies the one that is whole, and newer. */
  async #lookAt(file: FileHandle, id: PageId): Promise<PageAtPlace> {
    const { pageBytes, storeId } = this.#shape;
    const copies = mirrored(file);
    if (copies !== undefined) {
      const [first, second] = (await readCopies(copies, pageBytes, id * pageBytes)).map((copy) =>
        pageIn(copy.bytes, id, storeId),
      );
      const isSecond =
        second?.kind === "page" && (first?.kind !== "page" || second.lsn > first.lsn);
      return defined(isSecond ? second : first, "a copy");
    }
    const bytes = new Uint8Array(pageBytes);
    await readWhole(file, bytes, id * pageBytes);
    return pageIn(bytes, id, storeId);
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }
}

function pageIn(bytes: Uint8Array, id: PageId, storeId: number): PageAtPlace {
  const found = readPage(bytes, { pageId: id, storeId });
  if (found.kind === "zeros") {
    return { kind: "zeros", id };
  }
  if (found.kind !== "page") {
    return { kind: "damaged", id, what: describeFound(found) };
  }
  const decoded = decodeNode(found.pageKind, found.body);
  if (decoded.kind === "malformed") {
    return { kind: "damaged", id, what: decoded.what };
  }
  const { node } = decoded;
  return { kind: "page", id, lsn: found.lsn, node, bytes: PAGE_HEADER_BYTES + encodedBytes(node) };
}
