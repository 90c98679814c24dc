import { Hash64 } from "../core/hash64.ts";
import type { DiskFaults, DiskOperation, DiskOperationKind, Fault } from "../disk/disk-faults.ts";
import { type ByteRange, ByteRanges } from "./byte-ranges.ts";
import type { VirtualDisk } from "../disk/virtual-disk.ts";

/** Something that a program can ask of a disk. */
export interface Question {
  readonly kind: "entry" | "names" | "bytes";
  readonly path: string;
  readonly from: number;
  readonly to: number;
}

/** A crash image that stays as it was, and answers what a recovery would find in it. */
export class ImageView {
  readonly #disk: VirtualDisk;
  readonly #contents = new Map<string, Uint8Array | undefined>();

  constructor(disk: VirtualDisk) {
    this.#disk = disk;
  }

  answer({ kind, path, from, to }: Question): string {
    switch (kind) {
      case "entry": {
        const found = this.#disk.stat(path);
        return found === undefined ? "nothing" : `${found.kind} ${found.bytes}`;
      }
      case "names":
        return this.#disk.stat(path)?.kind === "directory"
          ? this.#disk.readDirectory(path).join("/")
          : "nothing";
      case "bytes":
        return this.#hash(path, from, to);
    }
  }

  #hash(path: string, from: number, to: number): string {
    if (!this.#contents.has(path)) {
      this.#contents.set(path, this.#disk.content(path));
    }
    const bytes = this.#contents.get(path)?.subarray(from, to);
    if (bytes === undefined) {
      return "nothing";
    }
    const hash = new Hash64();
    hash.bytes(bytes);
    return `${bytes.length} ${hash.hex}`;
  }
}

/** Calls by which a program learns nothing of what the disk held before it ran. */
const BLIND: ReadonlySet<DiskOperationKind> = new Set<DiskOperationKind>([
  "truncate",
  "preallocate",
  "size",
  "datasync",
  "sync",
  "sync-directory",
  "close",
]);

/**
 * Writes down what a program asks of a disk that it found, each question once, in order. A read that its own
 * writes do not cover counts as one of all the bytes that were there before: that tells more images apart
 * than necessary, and never fewer.
 */
export class ReadObserver implements DiskFaults {
  readonly asked: Question[] = [];
  readonly #known = new Set<string>();
  /** Where a file was found that has another name now. */
  readonly #found = new Map<string, string>();
  /** What the program itself wrote, by where the file was found. */
  readonly #written = new Map<string, ByteRanges>();
  readonly #inner: DiskFaults;

  constructor(inner: DiskFaults) {
    this.#inner = inner;
  }

  beforeOperation(operation: DiskOperation): Fault | undefined {
    this.#note(operation);
    return this.#inner.beforeOperation(operation);
  }

  delayUs(operation: DiskOperation): number {
    return this.#inner.delayUs?.(operation) ?? 0;
  }

  mediaFailed(kind: DiskOperationKind): void {
    this.#inner.mediaFailed?.(kind);
  }

  #note({ kind, path, position, bytes, to }: DiskOperation): void {
    const found = this.#found.get(path) ?? path;
    if (kind === "write" || kind === "read") {
      this.#transfer(kind, found, { from: position, to: position + bytes });
      return;
    }
    if (BLIND.has(kind)) {
      return;
    }
    this.#ask({ kind: "entry", path, from: 0, to: 0 });
    if (kind === "read-directory") {
      this.#ask({ kind: "names", path, from: 0, to: 0 });
    } else if (kind === "rename" && to !== undefined) {
      this.#found.set(to, found);
    }
  }

  #transfer(kind: "read" | "write", path: string, range: ByteRange): void {
    const written = this.#written.get(path) ?? new ByteRanges();
    if (kind === "write") {
      written.add(range);
      this.#written.set(path, written);
    } else if (!written.covers(range)) {
      this.#ask({ kind: "bytes", path, ...range });
    }
  }

  #ask(question: Question): void {
    const key = keyOf(question);
    if (!this.#known.has(key)) {
      this.#known.add(key);
      this.asked.push(question);
    }
  }
}

function keyOf({ kind, path, from, to }: Question): string {
  return `${kind} ${path} ${from} ${to}`;
}

interface Node<T> {
  question: Question | undefined;
  readonly answers: Map<string, Node<T>>;
  outcome: T | undefined;
}

/** What is known of an image before anything recovers from it. */
export interface Known<T> {
  readonly outcome: T;
  readonly asked: readonly Question[];
}

/**
 * Outcomes by what was asked and answered on the way there. The same program asks the same next question as
 * long as it gets the same answers: an image that answers as one before it did has the same outcome,
 * whatever it holds where nobody looks.
 */
export class ReadTree<T> {
  readonly #root: Node<T> = newNode();

  find(view: ImageView): Known<T> | undefined {
    const asked: Question[] = [];
    let node: Node<T> | undefined = this.#root;
    while (node?.question !== undefined) {
      asked.push(node.question);
      node = node.answers.get(view.answer(node.question));
    }
    return node?.outcome === undefined ? undefined : { outcome: node.outcome, asked };
  }

  add(view: ImageView, asked: readonly Question[], outcome: T): void {
    let node = this.#root;
    for (const question of asked) {
      if (node.question !== undefined && keyOf(node.question) !== keyOf(question)) {
        // Another question after the same answers: only time differed. The first one stays.
        return;
      }
      node.question = question;
      const answer = view.answer(question);
      const next: Node<T> = node.answers.get(answer) ?? newNode();
      node.answers.set(answer, next);
      node = next;
    }
    node.outcome ??= outcome;
  }
}

function newNode<T>(): Node<T> {
  return { question: undefined, answers: new Map(), outcome: undefined };
}
