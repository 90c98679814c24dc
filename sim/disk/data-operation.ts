/** Where in the log of pending bytes an operation that brings zeros keeps them: nowhere. */
export const ZEROS = -1;

/** The size of an operation that does not change it. */
export const SIZE_UNCHANGED = -1;

/** A change of one file's bytes or size that is visible and not yet durable. */
export interface DataOperation {
  readonly kind: "write" | "truncate";
  /** Position in the order in which operations on the whole disk took effect. */
  readonly sequence: number;
  /** First byte that it changed. */
  readonly from: number;
  /** One past the last byte that it changed. A truncation zeroes what it cuts off. */
  readonly to: number;
  /** Where its bytes are in the file's log of pending bytes, or `ZEROS`. */
  readonly keptAt: number;
  /** Bytes from here to `to` are in blocks that this operation allocated. */
  readonly newFrom: number;
  /** The file's size after it, or `SIZE_UNCHANGED`. */
  readonly sizeAfter: number;
}
