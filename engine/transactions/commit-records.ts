import { ByteWriter } from "../base/byte-writer.ts";
import type { CommitNumber, TransactionId } from "../base/units.ts";
import type { StoredValue } from "../data/value-codec.ts";
import type { RecordGroup } from "../log/log-buffer.ts";
import { encodeRecord } from "../log/record-codec.ts";
import type { LogRecord } from "../log/record.ts";
import type { KeyChange } from "../versions/version-store.ts";

/** One change of a commit, with its before-image. */
export interface CommitChange extends KeyChange {
  readonly value: StoredValue | undefined;
}

export interface CommitToEncode {
  readonly transaction: TransactionId;
  readonly commitNumber: CommitNumber;
  readonly timestampMs: number;
  readonly changes: readonly CommitChange[];
}

/** Encodes record groups into one buffer that it uses again: a group is valid until the next call. */
export class RecordEncoder {
  readonly #bytes = new ByteWriter(4096);

  /** Begin, the changes in order, Commit. */
  commit({ transaction, commitNumber, timestampMs, changes }: CommitToEncode): RecordGroup {
    const records: LogRecord[] = [{ kind: "begin", transaction }];
    for (const { key, old, value } of changes) {
      records.push(
        value === undefined
          ? { kind: "delete", transaction, key, old }
          : { kind: "put", transaction, key, old, value },
      );
    }
    records.push({ kind: "commit", transaction, commitNumber, timestampMs });
    return this.group(records);
  }

  group(records: readonly LogRecord[]): RecordGroup {
    this.#bytes.reset();
    const starts: number[] = [];
    for (const record of records) {
      starts.push(this.#bytes.length);
      encodeRecord(this.#bytes, record);
    }
    return { bytes: this.#bytes.view(), starts };
  }
}
