import type { PageChange } from "../../engine/log/page-change.ts";
import type { DecodedRecord } from "../../engine/log/record-codec.ts";
import type { LoggedChange, LogRecord } from "../../engine/log/record.ts";
import { keyText } from "./key-value-text.ts";
import { counted, grouped } from "./table-text.ts";

/** A log record without its values: their sizes in stored bytes, null for "not there". Plain data. */
export interface RecordView {
  readonly lsn: number;
  readonly kind: LogRecord["kind"];
  readonly transaction?: number;
  readonly commitNumber?: number;
  readonly timestampMs?: number;
  readonly page?: number;
  readonly key?: string;
  readonly oldBytes?: number | null;
  readonly valueBytes?: number | null;
  readonly undoneLsn?: number;
  /** Of a structure change: every page that it changes, with the size of an image, or the number of edits. */
  readonly pages?: readonly PageChangeView[];
}

export interface PageChangeView {
  readonly page: number;
  readonly kind?: string;
  readonly bytes?: number;
  readonly edits?: number;
}

function viewPageChange(change: PageChange): PageChangeView {
  return change.form === "image"
    ? { page: change.pageId, kind: change.kind, bytes: change.body.length }
    : { page: change.pageId, edits: change.edits.length };
}

/** `payloadLsn`: where the payload that the record was decoded from begins in the log. */
export function viewRecord({ record, offset }: DecodedRecord, payloadLsn: number): RecordView {
  return { lsn: payloadLsn + offset, kind: record.kind, ...fieldsOf(record) };
}

function fieldsOf(record: LogRecord): Omit<RecordView, "lsn" | "kind"> {
  switch (record.kind) {
    case "begin":
    case "rollback":
      return { transaction: record.transaction };
    case "open":
    case "close":
      return { commitNumber: record.commitNumber };
    case "commit": {
      const { transaction, commitNumber, timestampMs } = record;
      return { transaction, commitNumber, timestampMs };
    }
    case "put":
      return { ...changed(record), oldBytes: sizeOf(record.old), valueBytes: sizeOf(record.value) };
    case "delete":
      return { ...changed(record), oldBytes: sizeOf(record.old) };
    case "clr":
      return {
        ...changed(record),
        valueBytes: sizeOf(record.restored),
        undoneLsn: record.undoneLsn,
      };
    case "structure":
      return {
        pages: record.pages.map(viewPageChange),
        ...(record.change === undefined ? {} : changedWithin(record.change)),
      };
  }
}

function changed(record: { transaction: number; page: number; key: string }): Partial<RecordView> {
  const { transaction, page, key } = record;
  return { transaction, page, key: keyText(key) };
}

function changedWithin({ transaction, key, old, undoneLsn }: LoggedChange): Partial<RecordView> {
  const undone = undoneLsn === undefined ? {} : { undoneLsn };
  return { transaction, key: keyText(key), oldBytes: sizeOf(old), ...undone };
}

function sizeOf(value: Uint8Array | undefined): number | null {
  return value?.length ?? null;
}

export function recordText(record: RecordView): string {
  const { pages = [] } = record;
  const parts = [
    named("transaction", record.transaction),
    named("commit", record.commitNumber),
    record.timestampMs === undefined ? "" : new Date(record.timestampMs).toISOString(),
    named("page", record.page),
    record.key ?? "",
    sizeText("value", record.valueBytes),
    sizeText("old", record.oldBytes),
    named("undoes LSN", record.undoneLsn),
    ...pages.map(pageChangeText),
  ];
  return `LSN ${grouped(record.lsn)} ${record.kind} ${parts.filter((part) => part !== "").join(", ")}`;
}

function pageChangeText({ page, kind, bytes = 0, edits = 0 }: PageChangeView): string {
  return kind === undefined
    ? `${counted(edits, "edit")} of page ${grouped(page)}`
    : `${kind} ${grouped(page)} of ${counted(bytes, "byte")}`;
}

function named(name: string, value: number | undefined): string {
  return value === undefined ? "" : `${name} ${grouped(value)}`;
}

function sizeText(name: string, bytes: number | null | undefined): string {
  if (bytes === undefined) {
    return "";
  }
  return bytes === null ? `no ${name}` : `${name} of ${counted(bytes, "byte")}`;
}
