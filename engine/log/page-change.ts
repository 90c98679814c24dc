import type { StoredKey } from "../data/key-codec.ts";

/** Place of a page in its file, counted in pages. */
export type PageId = number;

export type PageKind = "meta" | "leaf" | "branch" | "overflow" | "free";

/** By the number that stands for the kind on the disk. 0 is none. */
export const PAGE_KINDS: readonly (PageKind | undefined)[] = [
  undefined,
  "meta",
  "leaf",
  "branch",
  "overflow",
  "free",
];

/** A value that lies in a chain of overflow pages of its own. */
export interface OverflowReference {
  readonly first: PageId;
  readonly length: number;
}

/** What a leaf holds for a key. */
export type LeafValue = Uint8Array | OverflowReference;

/** All that a page holds after a change, without its header and the zeros behind it. */
export interface PageAfterImage {
  readonly form: "image";
  readonly pageId: PageId;
  readonly kind: PageKind;
  readonly body: Uint8Array;
}

/** One step from what a leaf or branch held before to what it holds after. */
export type PageEdit =
  /** Of a leaf: the key gets this value; undefined removes it. */
  | {
      readonly kind: "set";
      readonly key: StoredKey;
      readonly value: LeafValue | undefined;
    }
  /** What is not below the key goes away: its place is another page now. */
  | { readonly kind: "cut"; readonly key: StoredKey }
  /** Of a branch: a new separator, and the child behind it. */
  | { readonly kind: "child"; readonly key: StoredKey; readonly child: PageId };

/** A page that keeps most of what it held: as small as the change is. */
export interface PageEdits {
  readonly form: "edits";
  readonly pageId: PageId;
  readonly edits: readonly PageEdit[];
}

/** What a structure change does to one of its pages. */
export type PageChange = PageAfterImage | PageEdits;
