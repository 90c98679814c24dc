import { PROFILES } from "../../../sim/disk/profiles.ts";
import {
  KEEPS_ALL,
  MAY_LOSE_ANYTHING,
  MAY_LOSE_SUFFIX,
  type Subject,
} from "../../../sim/subjects/subject.ts";
import { openPglite } from "./open-pglite.ts";

/** PostgreSQL counts on sectors of 512 bytes being written whole, and on nothing around them changing. */
const profile = PROFILES["ext4-ordered"];

/** An open takes about as long as a thousand commits. */
const effort = { commits: 6, crashes: 8 };

const about = (settings: string): string => `PostgreSQL 18 (PGlite) with ${settings}`;

const DURABLE: readonly string[] = ["fsync=on", "synchronous_commit=on", "full_page_writes=on"];

/**
 * PostgreSQL, and what its documentation says of each setting in the chapter on the write-ahead log.
 */
export const PGLITE_SUBJECTS: readonly Subject[] = [
  subject({
    name: "pglite:on",
    about: about("its defaults: fsync, synchronous_commit and full_page_writes on"),
    promises: { process: KEEPS_ALL, os: KEEPS_ALL, power: KEEPS_ALL },
    settings: DURABLE,
  }),
  // "If the system crashes": the log is written by a process that a single-user server does not have, so
  // that what was not written dies with the program, too.
  subject({
    name: "pglite:commit-off",
    about: about("synchronous_commit=off: commits are lost, the last ones first"),
    promises: { process: MAY_LOSE_SUFFIX, os: MAY_LOSE_SUFFIX, power: MAY_LOSE_SUFFIX },
    settings: [...DURABLE, "synchronous_commit=off"],
  }),
  subject({
    name: "pglite:fsync-off",
    about: about("fsync=off: whatever the system had not written by itself"),
    promises: { process: KEEPS_ALL, os: MAY_LOSE_ANYTHING, power: MAY_LOSE_ANYTHING },
    settings: [...DURABLE, "fsync=off"],
  }),
  subject({
    name: "pglite:full-page-writes-off",
    about: about("full_page_writes=off: a torn page is not mended"),
    promises: { process: KEEPS_ALL, os: MAY_LOSE_ANYTHING, power: MAY_LOSE_ANYTHING },
    settings: [...DURABLE, "full_page_writes=off"],
  }),
];

function subject({
  settings,
  ...rest
}: Pick<Subject, "name" | "about" | "promises"> & {
  readonly settings: readonly string[];
}): Subject {
  return { ...rest, profile, effort, open: (world) => openPglite(world, settings) };
}
