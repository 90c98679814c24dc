import { SeawallError } from "../base/errors.ts";
import { encodeKey } from "../data/key-codec.ts";
import type { Key, KeyEncoding } from "../data/key-codec.ts";
import { encodeValue } from "../data/value-codec.ts";
import { WriteSet } from "./write-set.ts";

/** One change of a batch. */
export type BatchOperation =
  | { readonly type: "put"; readonly key: Key; readonly value: unknown }
  | { readonly type: "delete"; readonly key: Key };

/** @throws SeawallError `INVALID_ARGUMENT`, `SERIALIZATION`. */
export function writeSetOf(operations: readonly BatchOperation[], encoding: KeyEncoding): WriteSet {
  if (!Array.isArray(operations)) {
    throw new SeawallError("INVALID_ARGUMENT", "a batch is an array of operations");
  }
  const writes = new WriteSet();
  for (const operation of operations) {
    addOperation(writes, operation, encoding);
  }
  return writes;
}

function addOperation(writes: WriteSet, operation: BatchOperation, encoding: KeyEncoding): void {
  if (typeof (operation as unknown) !== "object" || (operation as unknown) === null) {
    throw unknownOperation();
  }
  switch (operation.type) {
    case "put":
      writes.set(encodeKey(operation.key, encoding), encodeValue(operation.value));
      return;
    case "delete":
      writes.set(encodeKey(operation.key, encoding), undefined);
      return;
    default:
      throw unknownOperation();
  }
}

function unknownOperation(): SeawallError {
  return new SeawallError(
    "INVALID_ARGUMENT",
    'a batch operation is { type: "put", key, value } or { type: "delete", key }',
  );
}
