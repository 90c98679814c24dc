import { expect, test } from "vitest";
import { commitNumber, transactionId } from "../base/units.ts";
import { decodeRecords } from "../log/record-codec.ts";
import { RecordEncoder } from "./commit-records.ts";

const [old, value] = [Uint8Array.of(1), Uint8Array.of(2)];
const COMMIT = {
  transaction: transactionId(2 ** 32 + 1),
  commitNumber: commitNumber(9),
  timestampMs: 1234,
  changes: [
    { key: "a", old, value },
    { key: "b", old: undefined, value },
    { key: "c", old, value: undefined },
    { key: "d", old: undefined, value: undefined },
  ],
};

test("a commit is Begin, its changes with their before-images in order, and Commit", () => {
  const group = new RecordEncoder().commit(COMMIT);
  const { transaction } = COMMIT;
  const decoded = decodeRecords(group.bytes);
  expect(decoded?.map(({ record }) => record)).toEqual([
    { kind: "begin", transaction },
    { kind: "put", transaction, key: "a", old, value },
    { kind: "put", transaction, key: "b", old: undefined, value },
    { kind: "delete", transaction, key: "c", old },
    { kind: "delete", transaction, key: "d", old: undefined },
    { kind: "commit", transaction, commitNumber: 9, timestampMs: 1234 },
  ]);
  expect(decoded?.map(({ offset }) => offset)).toEqual(group.starts);
});

test("the encoder's next group does not depend on the one before", () => {
  const encoder = new RecordEncoder();
  const first = encoder.commit(COMMIT).bytes.slice();
  encoder.group([{ kind: "close", commitNumber: commitNumber(1) }]);
  expect(encoder.commit(COMMIT).bytes).toEqual(first);
});
