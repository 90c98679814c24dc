import type { LeafValue } from "../../engine/log/page-change.ts";
import { isInline } from "../../engine/pages/leaf-cell.ts";
import type { PageNode } from "../../engine/pages/node.ts";
import { keyText, valueText } from "./key-value-text.ts";
import type { PageAtPlace } from "./page-scan.ts";
import { counted, grouped } from "./table-text.ts";

/** A page, as plain data. Of a damaged one only what is wrong with it is known. */
export interface PageView {
  readonly page: number;
  readonly kind: PageNode["kind"] | "zeros" | "damaged";
  readonly lsn?: number;
  /** In use, header included. */
  readonly bytes?: number;
  readonly what?: string;
  readonly details?: Readonly<Record<string, number>>;
  /** Where they were asked for: what a leaf or branch holds, in key order. */
  readonly entries?: readonly EntryView[];
}

/** Of a leaf: a key and its value. Of a branch: a child, and the key that no key under it is below. */
export interface EntryView {
  readonly key?: string;
  readonly child?: number;
  readonly bytes?: number;
  readonly value?: string;
  /** First page of a value that is not in the leaf. */
  readonly overflowPage?: number;
}

export function viewPage(found: PageAtPlace): PageView {
  switch (found.kind) {
    case "zeros":
      return { page: found.id, kind: "zeros" };
    case "damaged":
      return { page: found.id, kind: "damaged", what: found.what };
    case "page": {
      const { id, lsn, bytes, node } = found;
      return { page: id, kind: node.kind, lsn, bytes, details: detailsOf(node) };
    }
  }
}

/** With everything that it holds. */
export function viewWholePage(found: PageAtPlace): PageView {
  const view = viewPage(found);
  return found.kind === "page" ? { ...view, entries: entriesOf(found.node) } : view;
}

function detailsOf(node: PageNode): Readonly<Record<string, number>> {
  switch (node.kind) {
    case "meta": {
      const { pageBytes, root, pageCount, freeHead, freeCount } = node;
      return { pageBytes, root, pageCount, freeHead, freeCount };
    }
    case "leaf":
      return { entries: node.count };
    case "branch":
      return { children: node.children.length };
    case "overflow":
      return { chunkBytes: node.chunk.length, next: node.next };
    case "free":
      return { next: node.next };
  }
}

function entriesOf(node: PageNode): EntryView[] {
  if (node.kind === "leaf") {
    return node.keys().map((key, i) => entryView(key, node.valueAt(i)));
  }
  if (node.kind === "branch") {
    return node.children.map((child, i) => {
      const key = i === 0 ? undefined : node.keys[i - 1];
      return { ...(key === undefined ? {} : { key: keyText(key) }), child };
    });
  }
  return [];
}

function entryView(key: string, value: LeafValue): EntryView {
  return isInline(value)
    ? { key: keyText(key), bytes: value.length, value: valueText(value) }
    : { key: keyText(key), bytes: value.length, overflowPage: value.first };
}

export function pageText(page: PageView): string {
  const { kind, lsn, bytes, what, details = {} } = page;
  const parts = [
    what ?? "",
    lsn === undefined ? "" : `LSN ${grouped(lsn)}`,
    ...Object.entries(details).map(([name, value]) => `${name} ${grouped(value)}`),
    bytes === undefined ? "" : `${grouped(bytes)} bytes used`,
  ];
  return `page ${grouped(page.page)} ${kind}${kind === "zeros" ? "" : ": "}${parts.filter((part) => part !== "").join(", ")}`;
}

export function entryText({ key = "", child, bytes, value, overflowPage }: EntryView): string {
  if (child !== undefined) {
    return `${key === "" ? "the lowest" : `from ${key}`}: page ${grouped(child)}`;
  }
  const where =
    overflowPage === undefined ? (value ?? "") : `in pages from ${grouped(overflowPage)} on`;
  return `${key}: ${counted(bytes ?? 0, "byte")}, ${where}`;
}
