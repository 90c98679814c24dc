import { grownBuffer, releaseBuffer } from "./buffer-pool.ts";

const NO_BYTES = new Uint8Array(0);

/** A growing byte array, new bytes zero, whose copies share their memory until one of them changes. */
export class SharedBytes {
  #content: Uint8Array = NO_BYTES;
  #shared = false;

  /** Not to be written: `own` gives what may be. Valid until the next `own`. */
  get content(): Uint8Array {
    return this.#content;
  }

  /** The array, at least `bytes` long, and nobody else's: it may be written until the next `copy`. */
  own(bytes: number): Uint8Array {
    if (bytes > this.#content.length || this.#shared) {
      const old = this.#content;
      this.#content = grownBuffer(old, bytes);
      if (!this.#shared) {
        releaseBuffer(old);
      }
      this.#shared = false;
    }
    return this.#content;
  }

  /** Instead of what it held. The memory must not be anybody else's. */
  replace(content: Uint8Array): void {
    this.#content = content;
    this.#shared = false;
  }

  copy(): SharedBytes {
    const copy = new SharedBytes();
    copy.#content = this.#content;
    copy.#shared = true;
    this.#shared = true;
    return copy;
  }

  /** Gives the memory back unless a copy still needs it; nothing is held afterwards. */
  dispose(): void {
    if (!this.#shared) {
      releaseBuffer(this.#content);
    }
    this.#content = NO_BYTES;
    this.#shared = false;
  }
}
