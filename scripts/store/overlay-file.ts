import { FileIOError, type FileHandle, type OpenMode } from "../../engine/platform/file-io.ts";
import { readWhole } from "../../engine/platform/whole-io.ts";

const BLOCK_BYTES = 4096;

/** A file as it is on the disk, with everything that was written since kept in memory. */
export class OverlayFile {
  /** Undefined: the disk has no such file. */
  readonly #base: FileHandle | undefined;
  /** Bytes of the disk's file that still show. */
  #baseBytes: number;
  #bytes: number;
  readonly #blocks = new Map<number, Uint8Array>();

  constructor(base: FileHandle | undefined, baseBytes: number) {
    this.#base = base;
    this.#baseBytes = baseBytes;
    this.#bytes = baseBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  async read(target: Uint8Array, position: number): Promise<number> {
    const end = Math.min(this.#bytes, position + target.length);
    if (end <= position) {
      return 0;
    }
    const wanted = target.subarray(0, end - position);
    wanted.fill(0);
    await this.#readBase(wanted, position);
    for (const [index, start] of blocksOf(position, end)) {
      const block = this.#blocks.get(index);
      if (block !== undefined) {
        const from = Math.max(start, position);
        const to = Math.min(start + BLOCK_BYTES, end);
        wanted.set(block.subarray(from - start, to - start), from - position);
      }
    }
    return wanted.length;
  }

  async write(source: Uint8Array, position: number): Promise<number> {
    const end = position + source.length;
    for (const [index, start] of blocksOf(position, end)) {
      const block = await this.#blockToChange(index, start);
      const from = Math.max(start, position);
      const to = Math.min(start + BLOCK_BYTES, end);
      block.set(source.subarray(from - position, to - position), from - start);
    }
    this.#bytes = Math.max(this.#bytes, end);
    return source.length;
  }

  /** New bytes read as zeros, also where the file had others before it was made shorter. */
  async truncate(bytes: number): Promise<void> {
    if (bytes < this.#bytes) {
      const cut = bytes % BLOCK_BYTES;
      if (cut > 0) {
        const block = await this.#blockToChange((bytes - cut) / BLOCK_BYTES, bytes - cut);
        block.fill(0, cut);
      }
      for (const index of this.#blocks.keys()) {
        if (index * BLOCK_BYTES >= bytes) {
          this.#blocks.delete(index);
        }
      }
      this.#baseBytes = Math.min(this.#baseBytes, bytes);
    }
    this.#bytes = bytes;
  }

  extend(bytes: number): void {
    this.#bytes = Math.max(this.#bytes, bytes);
  }

  async close(): Promise<void> {
    await this.#base?.close();
  }

  async #readBase(target: Uint8Array, position: number): Promise<void> {
    const bytes = Math.min(target.length, this.#baseBytes - position);
    if (this.#base !== undefined && bytes > 0) {
      await readWhole(this.#base, target.subarray(0, bytes), position);
    }
  }

  async #blockToChange(index: number, start: number): Promise<Uint8Array> {
    const there = this.#blocks.get(index);
    if (there !== undefined) {
      return there;
    }
    const block = new Uint8Array(BLOCK_BYTES);
    await this.#readBase(block, start);
    // Somebody else may have made it while this one was read.
    const made = this.#blocks.get(index) ?? block;
    this.#blocks.set(index, made);
    return made;
  }
}

/** The blocks that a stretch touches: which, and where each begins. */
function* blocksOf(position: number, end: number): Generator<readonly [number, number]> {
  for (let index = Math.floor(position / BLOCK_BYTES); index * BLOCK_BYTES < end; index += 1) {
    yield [index, index * BLOCK_BYTES];
  }
}

/** One opening of an overlay file. Nothing is ever durable, and nothing has to be. */
export class OverlayHandle implements FileHandle {
  readonly #file: OverlayFile;
  readonly #path: string;
  readonly #mode: OpenMode;
  #closed = false;

  constructor(file: OverlayFile, path: string, mode: OpenMode) {
    this.#file = file;
    this.#path = path;
    this.#mode = mode;
  }

  async read(target: Uint8Array, position: number): Promise<number> {
    this.#refuse("read", false);
    return await this.#file.read(target, position);
  }

  async write(source: Uint8Array, position: number): Promise<number> {
    this.#refuse("write", true);
    return await this.#file.write(source, position);
  }

  async truncate(bytes: number): Promise<void> {
    if (!Number.isSafeInteger(bytes) || bytes < 0) {
      throw new FileIOError("EINVAL", { operation: "truncate", path: this.#path });
    }
    this.#refuse("truncate", true);
    await this.#file.truncate(bytes);
  }

  async preallocate(bytes: number): Promise<void> {
    await Promise.resolve();
    this.#refuse("preallocate", true);
    this.#file.extend(bytes);
  }

  async size(): Promise<number> {
    await Promise.resolve();
    this.#refuse("size", false);
    return this.#file.bytes;
  }

  async datasync(): Promise<void> {
    await Promise.resolve();
    this.#refuse("datasync", false);
  }

  async sync(): Promise<void> {
    await Promise.resolve();
    this.#refuse("sync", false);
  }

  async close(): Promise<void> {
    await Promise.resolve();
    this.#refuse("close", false);
    this.#closed = true;
  }

  #refuse(operation: string, changes: boolean): void {
    if (this.#closed || (changes && this.#mode === "read")) {
      throw new FileIOError("EBADF", { operation, path: this.#path });
    }
  }
}
