import { Hash64 } from "./hash64.ts";

/**
 * Everything observable that happens in a run, in order, as one 64-bit hash. Two runs with the same
 * hash did the same things. Keeping the lines does not change the hash.
 */
export class Trace {
  /** Events so far. */
  events = 0;
  readonly #hash = new Hash64();
  readonly #lines: string[] | undefined;

  constructor(options: { readonly keep?: boolean } = {}) {
    this.#lines = options.keep === true ? [] : undefined;
  }

  /** The events as text, one a line; empty unless kept. */
  get lines(): readonly string[] {
    return this.#lines ?? [];
  }

  /** Sixteen hexadecimal digits. */
  get hash(): string {
    return this.#hash.hex;
  }

  /** Notes that something happened: its kind, then numbers and strings that say what. */
  event(kind: string | number, ...details: readonly (string | number)[]): void {
    this.events += 1;
    this.#add(kind);
    for (const detail of details) {
      this.#add(detail);
    }
    this.#lines?.push(`${kind} ${details.join(" ")}`.trimEnd());
  }

  /** Whether events are kept as text: what only text needs is made only then. */
  get keepsLines(): boolean {
    return this.#lines !== undefined;
  }

  /** Something that explains the events to people, and is none: it does not change the hash. */
  note(kind: string, text: string): void {
    this.#lines?.push(`# ${kind} ${text}`);
  }

  /** Adds bytes that belong to the last event. */
  bytes(content: Uint8Array): void {
    this.#hash.bytes(content);
  }

  #add(item: string | number): void {
    if (typeof item === "number") {
      this.#hash.number(item);
    } else {
      this.#hash.string(item);
    }
  }
}
