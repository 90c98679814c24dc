import { type DiskProfile, PROFILES } from "../../../sim/disk/profiles.ts";
import {
  KEEPS_ALL,
  MAY_LOSE_ANYTHING,
  MAY_LOSE_SUFFIX,
  type Subject,
  type SubjectPromise,
} from "../../../sim/subjects/subject.ts";
import { openSqlite, type SqliteSettings } from "./sqlite-subject.ts";

/**
 * As bad as a disk may be by what SQLite's documentation assumes of one: no order, torn writes, and a power
 * cut that damages the whole of a sector that was being written, of several pages each.
 */
const DEVICE: DiskProfile = { ...PROFILES.paranoid, sectorBytes: 4096 };

/** The unlink that ends a commit may not be durable. */
const LOSES_LAST: SubjectPromise = { allows: ["kept", "last-lost"], shows: ["last-lost"] };
/** And a journal that was half written may pass for whole, once in a long while. */
const LOSES_LAST_OR_RARELY_ALL: SubjectPromise = {
  allows: ["kept", "last-lost", "wrong", "corrupt", "refused"],
  shows: ["last-lost"],
};

/** What SQLite's documentation says of a mode for a crash of the system or of the power. */
const MODES: readonly {
  readonly name: string;
  readonly about: string;
  readonly settings: SqliteSettings;
  readonly promise: SubjectPromise;
}[] = [
  {
    name: "sqlite:rollback-off",
    about: "rollback journal, synchronous=OFF: never syncs, may be corrupt after a crash",
    settings: { journal: "DELETE", synchronous: "OFF" },
    promise: MAY_LOSE_ANYTHING,
  },
  {
    name: "sqlite:rollback-normal",
    about: "rollback journal, synchronous=NORMAL: a very small chance of corruption",
    settings: { journal: "DELETE", synchronous: "NORMAL" },
    promise: LOSES_LAST_OR_RARELY_ALL,
  },
  {
    name: "sqlite:rollback-full",
    about: "rollback journal, synchronous=FULL: consistent, the last commit may roll back",
    settings: { journal: "DELETE", synchronous: "FULL" },
    promise: LOSES_LAST,
  },
  {
    name: "sqlite:rollback-extra",
    about: "rollback journal, synchronous=EXTRA: loses nothing",
    settings: { journal: "DELETE", synchronous: "EXTRA" },
    promise: KEEPS_ALL,
  },
  {
    name: "sqlite:wal-off",
    about: "WAL, synchronous=OFF: never syncs, may be corrupt after a crash",
    settings: { journal: "WAL", synchronous: "OFF" },
    promise: MAY_LOSE_ANYTHING,
  },
  {
    name: "sqlite:wal-normal",
    about: "WAL, synchronous=NORMAL: consistent, the last commits may roll back",
    settings: { journal: "WAL", synchronous: "NORMAL" },
    promise: MAY_LOSE_SUFFIX,
  },
  {
    name: "sqlite:wal-full",
    about: "WAL, synchronous=FULL: loses nothing",
    settings: { journal: "WAL", synchronous: "FULL" },
    promise: KEEPS_ALL,
  },
  {
    name: "sqlite:wal-extra",
    about: "WAL, synchronous=EXTRA: as FULL",
    settings: { journal: "WAL", synchronous: "EXTRA" },
    promise: KEEPS_ALL,
  },
];

export const SQLITE_SUBJECTS: readonly Subject[] = MODES.map(
  ({ name, about, settings, promise }) => ({
    name,
    about,
    profile: DEVICE,
    promises: { process: KEEPS_ALL, os: promise, power: promise },
    open: (world) => openSqlite(world, settings),
  }),
);
