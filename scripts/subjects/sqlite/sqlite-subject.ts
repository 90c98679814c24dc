import {
  CorruptSubjectError,
  type OpenSubject,
  type SubjectWorld,
  type SubjectWrite,
} from "../../../sim/subjects/subject.ts";
import type { DiskProfile } from "../../../sim/disk/profiles.ts";
import { SqliteConnection, SqliteHost } from "./sqlite-connection.ts";
import { type DeclaredDevice, UnixFiles } from "./unix-files.ts";

export interface SqliteSettings {
  readonly journal: "DELETE" | "WAL";
  readonly synchronous: "OFF" | "NORMAL" | "FULL" | "EXTRA";
  /** Declared although it is not so. @defaultValue nothing */
  readonly lies?: Partial<DeclaredDevice>;
}

/** Small enough that a commit is of many pages, and that several share a sector of the device. */
const PAGE_BYTES = 1024;
/** Fewer pages than the longest commits change, so that those reach the disk before they are committed. */
const CACHE_PAGES = 12;
/** A WAL of so many pages is checkpointed: every few commits. */
const CHECKPOINT_PAGES = 40;
/** More than any statement of a run needs. A damaged database may claim values of any length. */
const HEAP_BYTES_MAX = 64 * 1024 * 1024;

/** Opens what is on the disk. */
export function openSqlite(
  world: SubjectWorld,
  settings: SqliteSettings,
): OpenSubject | Promise<OpenSubject> {
  const host = SqliteHost.loaded;
  return host === undefined
    ? SqliteHost.load().then((loaded) => new SqliteSubject(loaded, world, settings))
    : new SqliteSubject(host, world, settings);
}

/** The truth about a device, in SQLite's terms. */
export function declarationOf(profile: DiskProfile): DeclaredDevice {
  return {
    sectorBytes: profile.damagesSectors ? profile.sectorBytes : profile.tearBytes,
    powersafeOverwrite: !profile.damagesSectors,
    sequential: false,
  };
}

class SqliteSubject implements OpenSubject {
  readonly #connection: SqliteConnection;

  constructor(host: SqliteHost, world: SubjectWorld, settings: SqliteSettings) {
    const device = { ...declarationOf(world.profile), ...settings.lies };
    this.#connection = new SqliteConnection(host, new UnixFiles(world, device), setUp(settings));
  }

  commit(writes: readonly SubjectWrite[]): void {
    const connection = this.#connection;
    connection.run("BEGIN IMMEDIATE");
    try {
      for (const { key, value } of writes) {
        if (value === undefined) {
          connection.run("DELETE FROM entries WHERE key = ?1", [key]);
        } else {
          connection.run("INSERT OR REPLACE INTO entries VALUES (?1, ?2)", [key, value]);
        }
      }
      connection.run("COMMIT");
    } catch (error) {
      connection.rollBack();
      throw error;
    }
  }

  readAll(): ReadonlyMap<string, string> {
    const [complaint] = this.#connection.rows("PRAGMA integrity_check(1)", 1);
    if (complaint?.[0] !== "ok") {
      throw new CorruptSubjectError(`integrity_check: ${complaint?.[0]}`);
    }
    const rows = this.#connection.rows("SELECT key, value FROM entries", 2);
    return new Map(rows.map(([key = "", value = ""]) => [key, value]));
  }

  close(): void {
    this.#connection.close();
  }

  abandon(): void {
    this.#connection.abandon();
  }
}

/** What an application says whenever it opens its database; most of it does nothing the second time. */
function setUp({ journal, synchronous }: SqliteSettings): string {
  return [
    `PRAGMA hard_heap_limit = ${HEAP_BYTES_MAX}`,
    `PRAGMA page_size = ${PAGE_BYTES}`,
    `PRAGMA cache_size = ${CACHE_PAGES}`,
    `PRAGMA journal_mode = ${journal}`,
    `PRAGMA synchronous = ${synchronous}`,
    `PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`,
    "CREATE TABLE IF NOT EXISTS entries (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL)",
  ].join(";");
}
