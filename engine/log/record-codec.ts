import { unreachable } from "../base/assert.ts";
import { ByteReader } from "../base/byte-reader.ts";
import type { ByteWriter } from "../base/byte-writer.ts";
import { commitNumber, lsn, transactionId } from "../base/units.ts";
import type { TransactionId } from "../base/units.ts";
import type { StoredValue } from "../data/value-codec.ts";
import { decodePageChange, encodePageChange } from "./page-change-codec.ts";
import type { PageChange } from "./page-change.ts";
import type { ClrRecord, LoggedChange, LogRecord, PutRecord, StructureRecord } from "./record.ts";

/*
 * One log record. A record has no checksum of its own: the batch that carries it has (batch-format.ts).
 * `varint` is LEB128; `blob` and `key` are a varint length and bytes; `image` is the byte 0 for "the key
 * is not there", or the byte 1 and a blob.
 *
 *   kind byte  record    fields
 *           1  begin     varint transaction
 *           2  put       varint transaction, varint page, key, image old, blob value
 *           3  delete    varint transaction, varint page, key, image old
 *           4  commit    varint transaction, varint commitNumber, varint timestampMs
 *           5  rollback  varint transaction
 *           6  clr       varint transaction, varint page, key, image restored, varint undoneLsn
 *           7  close     varint commitNumber
 *           8  open      varint commitNumber
 *           9  structure varint count, count times what page-change-codec.ts says; then the byte 0, or
 *                        1 and a change, or 2, a change and varint undoneLsn, where a change is:
 *                        varint transaction, key, image old
 *
 * 0 is no kind, so that zeros never decode. Numbers that reached a disk never change their meaning.
 */
const BEGIN = 1;
const PUT = 2;
const DELETE = 3;
const COMMIT = 4;
const ROLLBACK = 5;
const CLR = 6;
const CLOSE = 7;
const OPEN = 8;
const STRUCTURE = 9;

const NO_CHANGE = 0;
const CHANGE = 1;
const COMPENSATION = 2;

export function encodeRecord(target: ByteWriter, record: LogRecord): void {
  switch (record.kind) {
    case "begin":
      return encodeHead(target, BEGIN, record.transaction);
    case "put":
      encodeHead(target, PUT, record.transaction);
      target.varint(record.page);
      target.byteString(record.key);
      encodeImage(target, record.old);
      return target.blob(record.value);
    case "delete":
      encodeHead(target, DELETE, record.transaction);
      target.varint(record.page);
      target.byteString(record.key);
      return encodeImage(target, record.old);
    case "commit":
      encodeHead(target, COMMIT, record.transaction);
      target.varint(record.commitNumber);
      return target.varint(record.timestampMs);
    case "rollback":
      return encodeHead(target, ROLLBACK, record.transaction);
    case "clr":
      encodeHead(target, CLR, record.transaction);
      target.varint(record.page);
      target.byteString(record.key);
      encodeImage(target, record.restored);
      return target.varint(record.undoneLsn);
    case "close":
      return encodeHead(target, CLOSE, record.commitNumber);
    case "open":
      return encodeHead(target, OPEN, record.commitNumber);
    case "structure":
      return encodeStructure(target, record);
    default:
      return unreachable(record);
  }
}

function encodeStructure(target: ByteWriter, { pages, change }: StructureRecord): void {
  encodeHead(target, STRUCTURE, pages.length);
  for (const page of pages) {
    encodePageChange(target, page);
  }
  if (change === undefined) {
    return target.uint8(NO_CHANGE);
  }
  target.uint8(change.undoneLsn === undefined ? CHANGE : COMPENSATION);
  target.varint(change.transaction);
  target.byteString(change.key);
  encodeImage(target, change.old);
  if (change.undoneLsn !== undefined) {
    target.varint(change.undoneLsn);
  }
}

function encodeHead(target: ByteWriter, kind: number, first: number): void {
  target.uint8(kind);
  target.varint(first);
}

function encodeImage(target: ByteWriter, image: StoredValue | undefined): void {
  if (image === undefined) {
    target.uint8(0);
    return;
  }
  target.uint8(1);
  target.blob(image);
}

/** A record and where it begins in the bytes. */
export interface DecodedRecord {
  readonly record: LogRecord;
  readonly offset: number;
}

/**
 * Decodes every record of a batch payload whose checksum was right. Undefined when the bytes are not
 * records all the same: then a newer or broken Seawall wrote them. Values are views of the payload:
 * whoever keeps one for long takes a copy, or it keeps the whole batch in memory.
 */
export function decodeRecords(payload: Uint8Array): DecodedRecord[] | undefined {
  const reader = new ByteReader(payload);
  const records: DecodedRecord[] = [];
  while (!reader.atEnd) {
    const offset = reader.position;
    const record = decodeRecord(reader);
    if (record === undefined || reader.failed) {
      return undefined;
    }
    records.push({ record, offset });
  }
  return records;
}

function decodeRecord(reader: ByteReader): LogRecord | undefined {
  const kind = reader.uint8();
  const first = reader.varint();
  switch (kind) {
    case BEGIN:
      return { kind: "begin", transaction: transactionId(first) };
    case PUT:
      return decodePut(reader, transactionId(first));
    case DELETE: {
      const page = reader.varint();
      const key = reader.byteString();
      const old = decodeImage(reader);
      return { kind: "delete", transaction: transactionId(first), page, key, old };
    }
    case COMMIT: {
      const number = commitNumber(reader.varint());
      const timestampMs = reader.varint();
      return {
        kind: "commit",
        transaction: transactionId(first),
        commitNumber: number,
        timestampMs,
      };
    }
    case ROLLBACK:
      return { kind: "rollback", transaction: transactionId(first) };
    case CLR:
      return decodeClr(reader, transactionId(first));
    case CLOSE:
      return { kind: "close", commitNumber: commitNumber(first) };
    case OPEN:
      return { kind: "open", commitNumber: commitNumber(first) };
    case STRUCTURE:
      return decodeStructure(reader, first);
    default:
      return undefined;
  }
}

function decodePut(reader: ByteReader, transaction: TransactionId): PutRecord {
  const page = reader.varint();
  const key = reader.byteString();
  const old = decodeImage(reader);
  return { kind: "put", transaction, page, key, old, value: reader.blob() };
}

function decodeClr(reader: ByteReader, transaction: TransactionId): ClrRecord {
  const page = reader.varint();
  const key = reader.byteString();
  const restored = decodeImage(reader);
  return { kind: "clr", transaction, page, key, restored, undoneLsn: lsn(reader.varint()) };
}

function decodeStructure(reader: ByteReader, count: number): StructureRecord | undefined {
  const pages: PageChange[] = [];
  while (pages.length < count) {
    const page = decodePageChange(reader);
    if (page === undefined || reader.failed) {
      return undefined;
    }
    pages.push(page);
  }
  const flag = reader.uint8();
  if (flag > COMPENSATION) {
    return undefined;
  }
  const change = flag === NO_CHANGE ? undefined : decodeChange(reader, flag === COMPENSATION);
  return { kind: "structure", pages, change };
}

function decodeChange(reader: ByteReader, compensates: boolean): LoggedChange {
  const transaction = transactionId(reader.varint());
  const key = reader.byteString();
  const old = decodeImage(reader);
  const undoneLsn = compensates ? lsn(reader.varint()) : undefined;
  return { transaction, key, old, undoneLsn };
}

function decodeImage(reader: ByteReader): StoredValue | undefined {
  return reader.uint8() === 0 ? undefined : reader.blob();
}
