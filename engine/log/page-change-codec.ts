import { unreachable } from "../base/assert.ts";
import type { ByteReader } from "../base/byte-reader.ts";
import type { ByteWriter } from "../base/byte-writer.ts";
import { PAGE_KINDS } from "./page-change.ts";
import type { PageChange, PageEdit } from "./page-change.ts";

/*
 * What a structure record does to one page: varint page, a byte, and what the byte says.
 *
 *   byte   then
 *   1..5   an image: the kind of the page, as on the disk; blob body
 *   6      edits: varint count, count times an edit
 *
 *   edit byte  edit
 *           1  set     key, blob value
 *           2  set     key, varint first overflow page, varint bytes of the value
 *           3  set     key, which is removed
 *           4  cut     key
 *           5  child   key, varint page
 */
const EDITS = 6;

const SET_INLINE = 1;
const SET_REFERENCE = 2;
const REMOVE = 3;
const CUT = 4;
const CHILD = 5;

export function encodePageChange(target: ByteWriter, change: PageChange): void {
  target.varint(change.pageId);
  if (change.form === "image") {
    target.uint8(PAGE_KINDS.indexOf(change.kind));
    target.blob(change.body);
    return;
  }
  target.uint8(EDITS);
  target.varint(change.edits.length);
  for (const edit of change.edits) {
    encodeEdit(target, edit);
  }
}

/** Undefined when the bytes are none. */
export function decodePageChange(reader: ByteReader): PageChange | undefined {
  const pageId = reader.varint();
  const byte = reader.uint8();
  const kind = PAGE_KINDS[byte];
  if (kind !== undefined) {
    return { form: "image", pageId, kind, body: reader.blob() };
  }
  if (byte !== EDITS) {
    return undefined;
  }
  const count = reader.varint();
  const edits: PageEdit[] = [];
  while (edits.length < count) {
    const edit = decodeEdit(reader);
    if (edit === undefined || reader.failed) {
      return undefined;
    }
    edits.push(edit);
  }
  return { form: "edits", pageId, edits };
}

function encodeEdit(target: ByteWriter, edit: PageEdit): void {
  switch (edit.kind) {
    case "set":
      return encodeSet(target, edit);
    case "cut":
      target.uint8(CUT);
      return target.byteString(edit.key);
    case "child":
      target.uint8(CHILD);
      target.byteString(edit.key);
      return target.varint(edit.child);
    default:
      return unreachable(edit);
  }
}

function encodeSet(target: ByteWriter, { key, value }: Extract<PageEdit, { kind: "set" }>): void {
  if (value === undefined) {
    target.uint8(REMOVE);
    target.byteString(key);
  } else if (value instanceof Uint8Array) {
    target.uint8(SET_INLINE);
    target.byteString(key);
    target.blob(value);
  } else {
    target.uint8(SET_REFERENCE);
    target.byteString(key);
    target.varint(value.first);
    target.varint(value.length);
  }
}

function decodeEdit(reader: ByteReader): PageEdit | undefined {
  const kind = reader.uint8();
  const key = reader.byteString();
  switch (kind) {
    case SET_INLINE:
      return { kind: "set", key, value: reader.blob() };
    case SET_REFERENCE: {
      const first = reader.varint();
      return { kind: "set", key, value: { first, length: reader.varint() } };
    }
    case REMOVE:
      return { kind: "set", key, value: undefined };
    case CUT:
      return { kind: "cut", key };
    case CHILD:
      return { kind: "child", key, child: reader.varint() };
    default:
      return undefined;
  }
}
