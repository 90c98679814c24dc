import { type DiskProfile, PROFILES } from "../../../sim/disk/profiles.ts";
import {
  KEEPS_ALL,
  MAY_LOSE_ANYTHING,
  MAY_LOSE_SUFFIX,
  OUTCOMES,
  type Subject,
  type SubjectPromise,
} from "../../../sim/subjects/subject.ts";
import { openSqlite, type SqliteSettings } from "./sqlite-subject.ts";

/**
 * As bad as a disk may be by what SQLite's documentation assumes of one: no order, torn writes, garbage where
 * a file grew before its data came, and a power cut that damages the whole of a sector that was being written,
 * which holds several pages. Only blocks of deleted files do not show: see `sqlite:stale-blocks`.
 */
const DEVICE: DiskProfile = {
  ...PROFILES.paranoid,
  name: "paranoid-4k",
  about: "no order at all, torn writes, garbage, and damaged sectors of 4 KiB",
  sectorBytes: 4096,
  exposes: ["zeros", "garbage"],
};

/** The unlink that ends a commit may not be durable. */
const LOSES_LAST: SubjectPromise = { allows: ["kept", "last-lost"], shows: ["last-lost"] };
/**
 * And a journal that was half written may pass for whole, because its checksums look at one byte in 200: too
 * seldom to insist on seeing it.
 */
const LOSES_LAST_OR_RARELY_ALL: SubjectPromise = {
  allows: ["kept", "last-lost", "wrong", "corrupt", "refused"],
  shows: ["last-lost"],
};
/** Commits that were acknowledged are gone, or what is left is damaged: what a false declaration brings. */
const LOSES_WHAT_IT_KEEPS: SubjectPromise = {
  allows: OUTCOMES,
  shows: ["last-lost", "suffix-lost", "wrong", "corrupt"],
};

interface Mode {
  readonly name: string;
  readonly about: string;
  readonly settings: SqliteSettings;
  /** @defaultValue the worst that SQLite's documentation allows a disk to be */
  readonly device?: DiskProfile;
  readonly os: SubjectPromise;
  /** @defaultValue as for `os` */
  readonly power?: SubjectPromise;
}

/** By what SQLite's documentation says of `PRAGMA synchronous`. A process that is killed loses nothing. */
const MODES: readonly Mode[] = [
  {
    name: "sqlite:rollback-off",
    about: "rollback journal, synchronous=OFF: never syncs, may be corrupt after a crash",
    settings: { journal: "DELETE", synchronous: "OFF" },
    os: MAY_LOSE_ANYTHING,
  },
  {
    name: "sqlite:rollback-normal",
    about: "rollback journal, synchronous=NORMAL: a very small chance of corruption",
    settings: { journal: "DELETE", synchronous: "NORMAL" },
    os: LOSES_LAST_OR_RARELY_ALL,
  },
  {
    name: "sqlite:rollback-full",
    about: "rollback journal, synchronous=FULL: consistent, the last commit may roll back",
    settings: { journal: "DELETE", synchronous: "FULL" },
    os: LOSES_LAST,
  },
  {
    name: "sqlite:rollback-extra",
    about: "rollback journal, synchronous=EXTRA: loses nothing",
    settings: { journal: "DELETE", synchronous: "EXTRA" },
    os: KEEPS_ALL,
  },
  {
    name: "sqlite:wal-off",
    about: "WAL, synchronous=OFF: never syncs, may be corrupt after a crash",
    settings: { journal: "WAL", synchronous: "OFF" },
    os: MAY_LOSE_ANYTHING,
  },
  {
    name: "sqlite:wal-normal",
    about: "WAL, synchronous=NORMAL: consistent, the last commits may roll back",
    settings: { journal: "WAL", synchronous: "NORMAL" },
    os: MAY_LOSE_SUFFIX,
  },
  {
    name: "sqlite:wal-full",
    about: "WAL, synchronous=FULL: loses nothing",
    settings: { journal: "WAL", synchronous: "FULL" },
    os: KEEPS_ALL,
  },
  {
    name: "sqlite:wal-extra",
    about: "WAL, synchronous=EXTRA: as FULL",
    settings: { journal: "WAL", synchronous: "EXTRA" },
    os: KEEPS_ALL,
  },
];

/** Modes that lose nothing, made to lose by what SQLite is told of the device, or does not know of it. */
const NEGATIVE_CONTROLS: readonly Mode[] = [
  {
    name: "sqlite:false-powersafe-overwrite",
    about:
      "rollback-extra told that bytes beside a write are safe: pages next to it get no journal",
    settings: { journal: "DELETE", synchronous: "EXTRA", lies: { powersafeOverwrite: true } },
    os: KEEPS_ALL,
    power: MAY_LOSE_ANYTHING,
  },
  {
    name: "sqlite:false-sector-size",
    about: "wal-full told of sectors of 512 bytes: a commit damages the sector of the one before",
    settings: { journal: "WAL", synchronous: "FULL", lies: { sectorBytes: 512 } },
    os: KEEPS_ALL,
    power: LOSES_WHAT_IT_KEEPS,
  },
  {
    name: "sqlite:false-sequential",
    about: "rollback-extra told that writes keep their order: it does not sync its journal",
    settings: { journal: "DELETE", synchronous: "EXTRA", lies: { sequential: true } },
    os: MAY_LOSE_ANYTHING,
  },
  {
    name: "sqlite:stale-blocks",
    about: "rollback-extra where a new journal may show an older one's blocks, header and all",
    settings: { journal: "DELETE", synchronous: "EXTRA" },
    device: { ...DEVICE, name: "paranoid-4k-stale", exposes: ["stale"] },
    // One crash in a hundred: to insist on it for both kinds would ask for very many seeds.
    os: { allows: OUTCOMES },
    power: LOSES_WHAT_IT_KEEPS,
  },
];

export const SQLITE_SUBJECTS: readonly Subject[] = [...MODES, ...NEGATIVE_CONTROLS].map(
  ({ name, about, settings, device = DEVICE, os, power = os }) => ({
    name,
    about,
    profile: device,
    promises: { process: KEEPS_ALL, os, power },
    open: (world) => openSqlite(world, settings),
  }),
);
