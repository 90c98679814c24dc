/**
 * Every failure that a caller can act on has one of these codes. Codes are stable: they are part of
 * the API, and `engine/README.md` has a section for each.
 */
export type SeawallErrorCode =
  | "IO"
  | "SERIALIZATION"
  | "TRANSACTION"
  | "CONFLICT"
  | "CORRUPTION"
  | "RECOVERY"
  | "LOCKED"
  | "CLOSED"
  | "OUTCOME_UNKNOWN"
  | "NO_SPACE"
  | "INVALID_ARGUMENT";

/** Where on the disk something was found, and what was expected there. */
export interface ErrorPlace {
  readonly file?: string;
  /** Byte offset in the file. */
  readonly offset?: number;
  readonly expected?: string;
  readonly found?: string;
}

export interface SeawallErrorOptions {
  readonly cause?: unknown;
  readonly place?: ErrorPlace;
}

/** A failure that a caller can act on; `code` says how. */
export class SeawallError extends Error {
  override readonly name = "SeawallError";
  readonly code: SeawallErrorCode;
  readonly place: ErrorPlace;

  constructor(code: SeawallErrorCode, message: string, options: SeawallErrorOptions = {}) {
    super(
      placed(message, options.place),
      options.cause === undefined ? {} : { cause: options.cause },
    );
    this.code = code;
    this.place = options.place ?? {};
  }

  /** True when running the same transaction again may succeed. */
  get retryable(): boolean {
    return this.code === "CONFLICT";
  }
}

function placed(message: string, place: ErrorPlace | undefined): string {
  if (place === undefined) {
    return message;
  }
  const parts = [
    place.file === undefined ? undefined : `file ${place.file}`,
    place.offset === undefined ? undefined : `offset ${place.offset}`,
    place.expected === undefined ? undefined : `expected ${place.expected}`,
    place.found === undefined ? undefined : `found ${place.found}`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? message : `${message} (${parts.join(", ")})`;
}

/** True for a SeawallError, with that code when one is given. */
export function isSeawallError(error: unknown, code?: SeawallErrorCode): error is SeawallError {
  return error instanceof SeawallError && (code === undefined || error.code === code);
}
