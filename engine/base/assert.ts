/** A bug in Seawall itself: some code broke a promise that other code relies on. */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

/**
 * States what our own code guarantees. Always on. Never for bytes from a disk or arguments from a
 * user: those have typed errors. On a path that runs for every record or page, write the condition as an
 * `if` instead: the message is made at every call.
 *
 * @throws InvariantError when the condition is false.
 */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) {
    throw new InvariantError(message);
  }
}

/** Unwraps a value that our own code guarantees to exist. */
export function defined<T>(value: T | undefined, what: string): T {
  if (value === undefined) {
    throw new InvariantError(`${what} is missing`);
  }
  return value;
}

/** Ends an exhaustive switch. */
export function unreachable(value: never): never {
  throw new InvariantError(`unreachable case: ${String(value)}`);
}
