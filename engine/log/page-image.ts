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

/** All that a page holds after a change, without its header and the zeros behind it. */
export interface PageAfterImage {
  readonly pageId: PageId;
  readonly kind: PageKind;
  readonly body: Uint8Array;
}
