import { type DiskProfile, PROFILES } from "../../../sim/disk/profiles.ts";
import {
  KEEPS_ALL,
  MAY_LOSE_ANYTHING,
  MAY_LOSE_SUFFIX,
  type Subject,
  type SubjectPromise,
} from "../../../sim/subjects/subject.ts";
import { openPglite } from "./open-pglite.ts";

/**
 * The least that PostgreSQL counts on: sectors of 512 bytes are written whole, or its control file would be
 * lost; nothing beside what is written changes, or the end of its log would be; a rename is atomic; and
 * where a file grew and nothing arrived there are zeros. A page that is added to a table is not in the log
 * before it is used, and may be found as zeros or whole.
 */
const ATOMIC_SECTORS: DiskProfile = {
  ...PROFILES.paranoid,
  name: "atomic-sectors",
  about: "as paranoid, but sectors are old or new, renames atomic, and files grow by zeros",
  damagesSectors: false,
  renameAtomic: true,
  exposes: ["zeros"],
};

const STALE_BLOCKS: DiskProfile = {
  ...ATOMIC_SECTORS,
  name: "stale-blocks",
  about: "as atomic-sectors, but where a file grew there may be what anybody wrote there before",
  exposes: PROFILES.paranoid.exposes,
};

/** Pages have checksums: damage is not taken for contents. */
const NOTICES_DAMAGE: SubjectPromise = { allows: ["kept", "corrupt", "refused"] };

/** Opening it takes most of the time: a tenth of a second for each crash. */
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
  // A crash of the server counts, too: what waits to be written to the log waits in its memory. A server
  // has a process that writes it before long; a single-user one has not, so that more is lost.
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
  // Against what it counts on: one crash in some hundreds meets a page that was added and is neither.
  subject({
    name: "pglite:stale-blocks",
    about: about("its defaults, where files grow by what lay on the disk before"),
    profile: STALE_BLOCKS,
    promises: { process: KEEPS_ALL, os: NOTICES_DAMAGE, power: NOTICES_DAMAGE },
    settings: DURABLE,
  }),
];

function subject({
  settings,
  ...rest
}: Pick<Subject, "name" | "about" | "promises"> & {
  /** @defaultValue the least that PostgreSQL counts on */
  readonly profile?: DiskProfile;
  readonly settings: readonly string[];
}): Subject {
  return { profile: ATOMIC_SECTORS, ...rest, effort, open: (world) => openPglite(world, settings) };
}
