import type { KeyRange, MapEntry, RangeRead } from "../base/sorted-map.ts";
import type { StoredValue } from "../data/value-codec.ts";
import { decodeKey } from "../data/key-codec.ts";
import type { KeyEncoding } from "../data/key-codec.ts";
import { decodeValue } from "../data/value-codec.ts";
import type { StorageManager } from "../pages/storage-manager.ts";
import type { Entry } from "./range-scan.ts";
import { readChunk } from "./snapshot-read.ts";
import type { RangeChunk, View } from "./snapshot-read.ts";

/** Entries read at once: a scan holds no more than this many. */
const CHUNK_ENTRIES = 128;

/** What a scan reads from. */
export interface ScanSource {
  /** Called before the first chunk, and not before: a scan that nobody iterates keeps nothing. */
  readonly begin: () => void;
  /** Asked before every chunk: own writes may have come since the last one. May throw. */
  readonly view: () => View;
  /** Called once after `begin`, when the scan is over. */
  readonly end: () => void;
  readonly whenResident: StorageManager["whenResident"];
  readonly onCovered: (range: KeyRange) => void;
  readonly encoding: KeyEncoding;
}

type State = "new" | "begun" | "over";

const OVER: IteratorReturnResult<undefined> = { done: true, value: undefined };

/**
 * The entries of a range, for `for await`. Reads in chunks, each in one step; whoever iterates may take as
 * long as they like between two. Written out, and no generator: those cost several times as much for each
 * entry. A loop that is left early lets go of the snapshot; whoever calls `next` has to call `return`.
 */
export class Scan implements AsyncIterableIterator<Entry, undefined> {
  readonly #source: ScanSource;
  readonly #reverse: boolean;
  #state: State = "new";
  #chunk: readonly MapEntry<StoredValue>[] = [];
  #next = 0;
  #rest: KeyRange | undefined;
  #left: number;
  /** The chunk that is being read: calls of `next` meanwhile wait for it. */
  #reading: Promise<void> | undefined;

  constructor(source: ScanSource, range: RangeRead) {
    this.#source = source;
    this.#reverse = range.reverse;
    this.#rest = range;
    this.#left = range.limit;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** @throws SeawallError `TRANSACTION` when the transaction ended; `CLOSED`, `CORRUPTION`, `IO`. */
  // oxlint-disable-next-line typescript/promise-function-async -- an async function costs another promise
  next(): Promise<IteratorResult<Entry, undefined>> {
    return this.#reading === undefined && this.#next < this.#chunk.length
      ? this.#resolved()
      : this.#nextOfNextChunk();
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#end();
    return OVER;
  }

  /** The rest of the entries, all at once in memory: faster, for a range that is known to be small. */
  async all(): Promise<Entry[]> {
    const entries: Entry[] = [];
    try {
      for (;;) {
        while (this.#next < this.#chunk.length) {
          entries.push(this.#take());
        }
        if (!(await this.#read())) {
          return entries;
        }
      }
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  // oxlint-disable-next-line typescript/promise-function-async -- as above
  #resolved(): Promise<IteratorResult<Entry, undefined>> {
    try {
      return Promise.resolve({ done: false, value: this.#take() });
    } catch (error) {
      this.#end();
      return Promise.reject(error);
    }
  }

  async #nextOfNextChunk(): Promise<IteratorResult<Entry, undefined>> {
    while (this.#next >= this.#chunk.length || this.#reading !== undefined) {
      if (!(await this.#read())) {
        return OVER;
      }
    }
    return await this.#resolved();
  }

  /** Reads the next chunk, or waits for it. False at the end of the range. */
  async #read(): Promise<boolean> {
    if (this.#reading !== undefined) {
      await this.#reading;
      return true;
    }
    if (this.#rest === undefined || this.#left === 0 || this.#state === "over") {
      this.#end();
      return false;
    }
    this.#reading = this.#readChunk(this.#rest);
    try {
      await this.#reading;
    } catch (error) {
      this.#end();
      throw error;
    } finally {
      this.#reading = undefined;
    }
    return true;
  }

  async #readChunk(rest: KeyRange): Promise<void> {
    if (this.#state === "new") {
      this.#source.begin();
      this.#state = "begun";
    }
    const limit = Math.min(CHUNK_ENTRIES, this.#left);
    const range = { ...rest, reverse: this.#reverse, limit };
    const now = readChunk(this.#source.view(), range);
    const chunk: RangeChunk =
      now.kind === "chunk"
        ? now
        : await this.#source.whenResident(() => readChunk(this.#source.view(), range));
    this.#source.onCovered(chunk.covered);
    // With own writes there may be more than was asked for.
    this.#chunk =
      chunk.entries.length > this.#left ? chunk.entries.slice(0, this.#left) : chunk.entries;
    this.#next = 0;
    this.#left -= this.#chunk.length;
    this.#rest = chunk.rest;
  }

  #take(): Entry {
    const [key, value] = this.#chunk[this.#next] ?? MISSING_ENTRY;
    this.#next += 1;
    return { key: decodeKey(key, this.#source.encoding), value: decodeValue(value) };
  }

  #end(): void {
    if (this.#state === "begun") {
      this.#source.end();
    }
    this.#state = "over";
    this.#chunk = [];
    this.#next = 0;
    this.#rest = undefined;
  }
}

/** `#take` is called only where there is an entry. */
const MISSING_ENTRY: MapEntry<StoredValue> = ["", new Uint8Array(0)];
