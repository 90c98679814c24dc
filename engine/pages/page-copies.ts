import { defined } from "../base/assert.ts";
import { COPIES } from "../platform/mirrored-file.ts";
import type { MirroredFile } from "../platform/mirrored-file.ts";
import { differs, hasHole, mend, readCopies } from "../platform/read-copies.ts";
import type { CopyRead } from "../platform/read-copies.ts";
import type { PageFound, PageId } from "./page-format.ts";

/** What the bytes of one copy are. */
export type JudgePage = (pageId: PageId, bytes: Uint8Array) => Promise<PageFound>;

/** What a look at all copies of a page came to; it may be that none is whole. */
export interface PageScrubbed {
  readonly kind: "same" | "repaired" | "not-repaired";
  readonly found: PageFound;
}

interface Judged {
  readonly found: PageFound;
  readonly bytes: Uint8Array;
}

/**
 * A page file of which there are two copies. Of two that are whole the one with the higher LSN is right: a
 * page is written only when the log is durable up to its LSN, and the other copy missed that write. The
 * copy that is not right is written over at once.
 */
export class PageCopies {
  readonly #file: MirroredFile;
  readonly #pageBytes: number;
  readonly #judge: JudgePage;
  /** Pages are written and repaired one after the other: what was read for a repair must still be the newest. */
  #lastTurn: Promise<unknown> = Promise.resolve();

  constructor(file: MirroredFile, pageBytes: number, judge: JudgePage) {
    this.#file = file;
    this.#pageBytes = pageBytes;
    this.#judge = judge;
  }

  /** The right one of both copies. @throws FileIOError when neither can be read. */
  async read(pageId: PageId): Promise<PageFound> {
    const copies = await this.#readCopies(pageId);
    const best = await this.#best(pageId, copies);
    if (best.found.kind !== "page" || isEverywhere(best.bytes, copies)) {
      return best.found;
    }
    return (await this.inTurn(() => this.#repair(pageId))).found;
  }

  /** Looks at both copies of a page, and makes them the same where one of them is right. */
  async scrub(pageId: PageId): Promise<PageScrubbed> {
    return await this.inTurn(() => this.#repair(pageId));
  }

  /** Nothing is repaired meanwhile. */
  async inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#lastTurn.then(work);
    this.#lastTurn = turn.catch(() => {});
    return await turn;
  }

  /** Reads again, because the page may have been written since it was read. */
  async #repair(pageId: PageId): Promise<PageScrubbed> {
    const copies = await this.#readCopies(pageId);
    const { found, bytes } = await this.#best(pageId, copies);
    if (found.kind !== "page" || isEverywhere(bytes, copies)) {
      return { kind: "same", found };
    }
    const place = { offset: pageId * this.#pageBytes, from: 0 };
    const isMended = await mend(this.#file, copies, bytes, place);
    return { kind: isMended ? "repaired" : "not-repaired", found };
  }

  #readCopies(pageId: PageId): Promise<readonly [CopyRead, CopyRead]> {
    return readCopies(this.#file, this.#pageBytes, pageId * this.#pageBytes);
  }

  async #best(pageId: PageId, copies: readonly [CopyRead, CopyRead]): Promise<Judged> {
    const judged = await Promise.all(COPIES.map((copy) => this.#judged(pageId, copies[copy])));
    const [first, second] = judged.flat();
    if (first === undefined) {
      throw defined(copies[0].holes[0] ?? copies[1].holes[0], "what could not be read").cause;
    }
    return second === undefined || isRight(first.found, second.found) ? first : second;
  }

  /** None for a copy that cannot be read. */
  async #judged(pageId: PageId, copy: CopyRead): Promise<readonly Judged[]> {
    if (hasHole(copy, 0, this.#pageBytes)) {
      return [];
    }
    const bytes = padded(copy.bytes, this.#pageBytes);
    return [{ found: await this.#judge(pageId, bytes), bytes }];
  }
}

/** Behind the end of a copy there are zeros. */
function padded(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length === length) {
    return bytes;
  }
  const whole = new Uint8Array(length);
  whole.set(bytes);
  return whole;
}

/** Of what the first copy holds: is it rather that than what the second one holds? */
function isRight(first: PageFound, second: PageFound): boolean {
  // A format that is not known says nothing of which is newer: it must be refused.
  if (first.kind === "newer" || second.kind === "newer") {
    return first.kind === "newer";
  }
  if (first.kind === "page" && second.kind === "page") {
    return first.lsn >= second.lsn;
  }
  return second.kind !== "page";
}

function isEverywhere(bytes: Uint8Array, copies: readonly [CopyRead, CopyRead]): boolean {
  return copies.every((copy) => !differs(copy, bytes, 0));
}
