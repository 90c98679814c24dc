import { outOfRange } from "./fs-errors.ts";
import type { TransferOptions } from "./types.ts";

/** Which bytes of a buffer go where in a file. */
export interface Transfer {
  readonly bytes: Uint8Array;
  /** Undefined for where the last transfer ended. */
  readonly position: number | undefined;
}

/** How a transfer is asked for: by three arguments, or by options in the place of the first of them. */
export type TransferArguments = readonly [
  offset: number | TransferOptions | null | undefined,
  length: number | null | undefined,
  position: number | null | undefined,
];

/** @throws RangeError for a part that the buffer does not have. */
export function transferOf(buffer: Uint8Array, asked: TransferArguments): Transfer {
  const { offset = 0, length = buffer.length - offset, position } = optionsOf(asked);
  refuseUnlessWithin("offset", offset, buffer.length);
  refuseUnlessWithin("length", length, buffer.length - offset);
  return { bytes: buffer.subarray(offset, offset + length), position: placeOf(position) };
}

function optionsOf([first, length, position = null]: TransferArguments): TransferOptions {
  if (typeof first === "object" && first !== null) {
    return first;
  }
  return {
    position,
    ...(typeof first === "number" ? { offset: first } : {}),
    ...(typeof length === "number" ? { length } : {}),
  };
}

function refuseUnlessWithin(name: string, value: number, most: number): void {
  if (!Number.isInteger(value) || value < 0 || value > most) {
    throw outOfRange(name, `an integer >= 0 && <= ${most}`, value);
  }
}

/** Node.js takes everything that is no place for the current one. */
export function placeOf(position: number | null | undefined): number | undefined {
  return typeof position === "number" && Number.isSafeInteger(position) && position >= 0
    ? position
    : undefined;
}
