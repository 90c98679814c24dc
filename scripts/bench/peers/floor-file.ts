import fs from "node:fs";
import path from "node:path";
import { KEY_BYTES, RECORD_BYTES } from "../records.ts";
import type { Put } from "../store.ts";

/** Zeros are written beforehand: an overwrite is what a log that recycles its files pays, and no more. */
const FILE_BYTES = 64 * 1024 * 1024;
const SECTOR_BYTES = 4096;

/** As Seawall's own adapter does: up to this size a write on the calling thread is cheaper than a hop. */
const INLINE_BYTES_MAX = 64 * 1024;

/**
 * Writes records one behind the other into a preallocated file, from its beginning again when it is full.
 * Knows no checksum, no index, no recovery: what remains is the price of the disk.
 */
export class FloorFile {
  readonly #fd: number;
  #buffer = Buffer.alloc(1024 * 1024);
  #position = 0;

  constructor(directory: string) {
    fs.mkdirSync(directory, { recursive: true });
    this.#fd = fs.openSync(path.join(directory, "floor.log"), "w+");
    const zeros = Buffer.alloc(1024 * 1024);
    for (let at = 0; at < FILE_BYTES; at += zeros.length) {
      fs.writeSync(this.#fd, zeros, 0, zeros.length, at);
    }
    fs.fdatasyncSync(this.#fd);
  }

  /** Handed to the operating system when it resolves. */
  async append(puts: readonly Put[]): Promise<void> {
    await this.#write(this.#encode(puts));
  }

  /** Durable when it resolves. Whole sectors, so that no later write touches what was acknowledged. */
  async appendDurably(puts: readonly Put[]): Promise<void> {
    const sectors = Math.ceil((puts.length * RECORD_BYTES) / SECTOR_BYTES);
    this.#encode(puts);
    await this.#write(this.#buffer.subarray(0, sectors * SECTOR_BYTES));
    await new Promise<void>((resolve, reject) => {
      fs.fdatasync(this.#fd, (error) => (error === null ? resolve() : reject(error)));
    });
  }

  /** One put, without a list around it. */
  appendOne(key: string, value: Buffer): void {
    this.#encodeOne(key, value, 0);
    fs.writeSync(this.#fd, this.#buffer, 0, RECORD_BYTES, this.#claim(RECORD_BYTES));
  }

  close(): void {
    fs.closeSync(this.#fd);
  }

  #encode(puts: readonly Put[]): Buffer {
    const bytes = puts.length * RECORD_BYTES;
    if (bytes + SECTOR_BYTES > this.#buffer.length) {
      this.#buffer = Buffer.alloc(bytes + SECTOR_BYTES);
    }
    let at = 0;
    for (const { key, value } of puts) {
      this.#encodeOne(key, value, at);
      at += RECORD_BYTES;
    }
    return this.#buffer.subarray(0, bytes);
  }

  #encodeOne(key: string, value: Buffer, at: number): void {
    this.#buffer.write(key, at, "latin1");
    this.#buffer.set(value, at + KEY_BYTES);
  }

  async #write(bytes: Buffer): Promise<void> {
    const position = this.#claim(bytes.length);
    if (bytes.length <= INLINE_BYTES_MAX) {
      fs.writeSync(this.#fd, bytes, 0, bytes.length, position);
      return;
    }
    await new Promise<void>((resolve, reject) => {
      fs.write(this.#fd, bytes, 0, bytes.length, position, (error) =>
        error === null ? resolve() : reject(error),
      );
    });
  }

  /** Where the next so many bytes go. */
  #claim(bytes: number): number {
    const position = this.#position + bytes > FILE_BYTES ? 0 : this.#position;
    this.#position = position + bytes;
    return position;
  }
}

/** Reads a log of records into a Map, the last put of a key counting: the least that a replay can do. */
export function replayFloorFile(directory: string): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  const bytes = fs.readFileSync(path.join(directory, "floor.log"));
  for (let at = 0; at + RECORD_BYTES <= bytes.length && bytes[at] !== 0; at += RECORD_BYTES) {
    const key = bytes.toString("latin1", at, at + KEY_BYTES);
    // A copy: a view would keep the whole log in memory for one value.
    found.set(key, Buffer.from(bytes.subarray(at + KEY_BYTES, at + RECORD_BYTES)));
  }
  return found;
}
