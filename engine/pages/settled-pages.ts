import { lsn } from "../base/units.ts";
import type { Lsn } from "../base/units.ts";
import { isFileIOError } from "../platform/file-io.ts";
import type { FileHandle, FileIO } from "../platform/file-io.ts";
import { doing } from "../platform/io-errors.ts";
import { mirrored } from "../platform/mirrored-file.ts";
import { differs, mend, readCopies } from "../platform/read-copies.ts";
import type { ScrubCounts } from "../platform/read-copies.ts";
import { readWhole, writeWhole } from "../platform/whole-io.ts";
import type { PageId } from "./page-format.ts";
import {
  BLOCK_BYTES,
  encodeBlock,
  PAGES_PER_BLOCK,
  readBlock,
  slotOffset,
} from "./settled-pages-format.ts";
import type { SettledBlock } from "./settled-pages-format.ts";

export const SETTLED_PAGES_NAME = "pages.lsn";

export interface SettledPagesOptions {
  readonly files: FileIO;
  readonly directory: string;
  readonly storeId: number;
  /** Redo makes every page whole that has all changes before this. @defaultValue 0 */
  readonly settledLsn?: Lsn;
}

/** By place in their block. */
type PageLsns = ReadonlyMap<number, Lsn>;

/**
 * The LSN that each page bore on the disk at the last checkpoint, kept apart from the page. A page whose
 * write the device lost, or put elsewhere, is whole, and bears the id and the store of its place: this tells
 * that it is an old one, also after the store was closed.
 *
 * LSNs of a page only grow. So what an old, lost or torn block says is less, and never wrong: it may let an
 * old page pass, and accuses no page of the right age.
 */
export class SettledPages {
  readonly #file: FileHandle;
  readonly #storeId: number;
  readonly #settledLsn: Lsn;
  #bytes: number;
  readonly #blocks = new Map<number, Promise<SettledBlock>>();
  /** By block: pages that became durable since the block was written. */
  readonly #fresh = new Map<number, Map<number, Lsn>>();
  /** What an earlier open wrote, and may not have synced, is synced before a checkpoint relies on it. */
  #isSynced = false;

  private constructor(options: SettledPagesOptions, file: FileHandle, bytes: number) {
    this.#file = file;
    this.#storeId = options.storeId;
    this.#settledLsn = options.settledLsn ?? lsn(0);
    this.#bytes = bytes;
  }

  /** Opens the file, or makes it. Its name is durable once `DoubleWrite.open` has resolved. */
  static async open(options: SettledPagesOptions): Promise<SettledPages> {
    const open = async (): Promise<SettledPages> => {
      const file = await options.files.open(`${options.directory}/${SETTLED_PAGES_NAME}`, "create");
      const sizes = (await mirrored(file)?.sizes()) ?? [await file.size()];
      return new SettledPages(options, file, Math.max(...sizes));
    };
    return await doing("opening the LSNs of the pages", open());
  }

  /** A page with this LSN is durable at its place. */
  note(pageId: PageId, pageLsn: Lsn): void {
    const number = blockOf(pageId);
    const fresh = this.#fresh.get(number) ?? new Map<number, Lsn>();
    const index = pageId % PAGES_PER_BLOCK;
    if (pageLsn > (fresh.get(index) ?? 0)) {
      this.#fresh.set(number, fresh.set(index, pageLsn));
    }
  }

  /**
   * For a page that was read: false when a later version of it was durable, and redo does not have all that
   * is missing. A page that is newer than is known is taken down with the next checkpoint.
   */
  async accepts(pageId: PageId, pageLsn: Lsn): Promise<boolean> {
    const { lsns } = await this.#block(blockOf(pageId));
    const known = lsns[pageId % PAGES_PER_BLOCK] ?? 0;
    if (pageLsn > known) {
      this.note(pageId, pageLsn);
    }
    return pageLsn >= Math.min(known, this.#settledLsn);
  }

  /**
   * Writes down what is durable now; that is durable itself when it resolves. One call at a time.
   *
   * @throws SeawallError `NO_SPACE`: nothing is lost; `IO`.
   */
  async settle(): Promise<void> {
    await doing("writing the LSNs of the pages", this.#settle());
  }

  /** Makes the copies of each block the same, durably. No checkpoint may be written meanwhile. */
  async scrub(pageCount: number): Promise<ScrubCounts> {
    const counts = { repaired: 0, notRepaired: 0 };
    const scrub = async (): Promise<void> => {
      for (let number = 0; number * PAGES_PER_BLOCK < pageCount; number += 1) {
        for (const slot of [0, 1]) {
          const { mended } = await this.#readCopies(number, slot);
          counts.repaired += mended === true ? 1 : 0;
          counts.notRepaired += mended === false ? 1 : 0;
        }
      }
      await this.#file.datasync();
    };
    await doing("reading the LSNs of the pages", scrub());
    return counts;
  }

  async close(): Promise<void> {
    await doing("closing the LSNs of the pages", this.#file.close());
  }

  async #settle(): Promise<void> {
    const fresh = [...this.#fresh];
    this.#fresh.clear();
    try {
      const blocks: SettledBlock[] = [];
      for (const [number, pages] of fresh) {
        blocks.push(await this.#write(number, pages));
      }
      if (blocks.length > 0 || !this.#isSynced) {
        await this.#file.datasync();
        this.#isSynced = true;
      }
      for (const block of blocks) {
        this.#blocks.set(block.number, Promise.resolve(block));
      }
    } catch (error) {
      for (const [number, pages] of fresh) {
        for (const [index, pageLsn] of pages) {
          this.note(number * PAGES_PER_BLOCK + index, pageLsn);
        }
      }
      throw error;
    }
  }

  async #write(number: number, pages: PageLsns): Promise<SettledBlock> {
    const old = await this.#block(number);
    const lsns = old.lsns.slice();
    for (const [index, pageLsn] of pages) {
      lsns[index] = Math.max(pageLsn, lsns[index] ?? 0);
    }
    const block: SettledBlock = { ...old, sequence: old.sequence + 1, lsns };
    const offset = slotOffset(number, block.sequence);
    await writeWhole(this.#file, encodeBlock(block), offset);
    this.#bytes = Math.max(this.#bytes, offset + BLOCK_BYTES);
    return block;
  }

  async #block(number: number): Promise<SettledBlock> {
    const known = this.#blocks.get(number);
    if (known !== undefined) {
      return await known;
    }
    const reading = this.#read(number);
    this.#blocks.set(number, reading);
    return await reading;
  }

  /** The newer of the two slots that are whole; a block that knows nothing when none is. */
  async #read(number: number): Promise<SettledBlock> {
    const nothing: SettledBlock = {
      number,
      storeId: this.#storeId,
      sequence: 0,
      lsns: new Float64Array(PAGES_PER_BLOCK),
    };
    const slots = [await this.#readSlot(number, 0), await this.#readSlot(number, 1)];
    return slots.reduce<SettledBlock>(
      (newest, slot) => (slot !== undefined && slot.sequence > newest.sequence ? slot : newest),
      nothing,
    );
  }

  /** A slot that cannot be read says nothing: the pages are no worse for it. */
  async #readSlot(number: number, sequence: number): Promise<SettledBlock | undefined> {
    const offset = slotOffset(number, sequence);
    if (offset >= this.#bytes) {
      return undefined;
    }
    if (mirrored(this.#file) !== undefined) {
      return (await this.#readCopies(number, sequence)).block;
    }
    const bytes = new Uint8Array(BLOCK_BYTES);
    try {
      await readWhole(this.#file, bytes, offset);
    } catch (error) {
      if (!isFileIOError(error)) {
        throw error;
      }
      return undefined;
    }
    return readBlock(bytes, { number, storeId: this.#storeId });
  }

  /** The newer copy of a slot; the other one is mended. Undefined where none is whole, or there is only one. */
  async #readCopies(number: number, sequence: number): Promise<SlotCopies> {
    const copies = mirrored(this.#file);
    if (copies === undefined) {
      return { block: undefined, mended: undefined };
    }
    const offset = slotOffset(number, sequence);
    const read = await readCopies(copies, BLOCK_BYTES, offset);
    const [first, second] = read.map(({ bytes }) => {
      const block = readBlock(bytes, { number, storeId: this.#storeId });
      // What went astray from the other slot is none of this one.
      return block?.sequence !== undefined && block.sequence % 2 === sequence % 2
        ? block
        : undefined;
    });
    const block = (second?.sequence ?? 0) > (first?.sequence ?? 0) ? second : first;
    const right = block === undefined ? undefined : encodeBlock(block);
    const isDiffering = right !== undefined && read.some((copy) => differs(copy, right, 0));
    const mended = isDiffering ? await mend(copies, read, right, { offset, from: 0 }) : undefined;
    return { block, mended };
  }
}

interface SlotCopies {
  readonly block: SettledBlock | undefined;
  /** Undefined: there was nothing to mend. */
  readonly mended: boolean | undefined;
}

function blockOf(pageId: PageId): number {
  return Math.floor(pageId / PAGES_PER_BLOCK);
}
