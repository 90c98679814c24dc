/** What the process says to the shell; the same for every command. */
export const EXIT = {
  /** Everything held. */
  held: 0,
  /** A property was broken. */
  broken: 1,
  /** The run itself could not be trusted: bad arguments, divergence, a dead worker, nothing checked. */
  untrusted: 2,
} as const;

export type ExitStatus = number;

/** What the operating system refused: a full disk, a missing right, a directory where a file should be. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error && "code" in error;
}

/** Something the caller asked for that cannot be done; `advice` says what to do instead. Exit status 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly advice: string;

  constructor(message: string, advice: string) {
    super(message);
    this.advice = advice;
  }
}
