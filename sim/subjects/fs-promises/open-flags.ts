import { invalidValue } from "./fs-errors.ts";

/** What a file is opened for. */
export interface OpenFlags {
  readonly reads: boolean;
  readonly writes: boolean;
  readonly creates: boolean;
  readonly truncates: boolean;
  readonly appends: boolean;
  /** Refuses what is there already. */
  readonly exclusive: boolean;
}

const FLAGS = /^(?:(?<read>r)(?<more>\+)?|(?<make>[wa])(?<exclusive>x)?(?<both>\+)?)$/;

/** @throws TypeError `ERR_INVALID_ARG_VALUE` for other letters, and for numbers, which have no meaning here. */
export function parseFlags(flags: string): OpenFlags {
  const parts = FLAGS.exec(flags)?.groups;
  if (parts === undefined) {
    throw invalidValue("flags", flags);
  }
  const { read, more, make, exclusive, both } = parts;
  return {
    reads: read !== undefined || both !== undefined,
    writes: make !== undefined || more !== undefined,
    creates: make !== undefined,
    truncates: make === "w",
    appends: make === "a",
    exclusive: exclusive !== undefined,
  };
}
