import fs from "node:fs";
import path from "node:path";
import Database from "better-sqlite3";
import type { OpenStore, Put } from "../store.ts";
import { Gathering } from "./gathering.ts";

// The native part is loaded at the first use only: when there is none for this machine, that shows here.
new Database(":memory:").close();

/**
 * SQLite through its synchronous binding, with a write-ahead log. `synchronous = NORMAL` is what "survives
 * the death of the process, and no power cut breaks the file" is called here.
 */
export const openBetterSqlite3: OpenStore = async (directory, { durable, concurrent }) => {
  fs.mkdirSync(directory, { recursive: true });
  const db = new Database(path.join(directory, "store.sqlite"));
  db.pragma("journal_mode = WAL");
  db.pragma(`synchronous = ${durable ? "FULL" : "NORMAL"}`);
  db.exec("CREATE TABLE IF NOT EXISTS kv (k TEXT PRIMARY KEY, v BLOB NOT NULL) WITHOUT ROWID");
  const insert = db.prepare<[string, Buffer]>("INSERT OR REPLACE INTO kv VALUES (?, ?)");
  const select = db.prepare<[string], Buffer>("SELECT v FROM kv WHERE k = ?").pluck();
  const range = db.prepare<[string, number], [string, Buffer]>(
    "SELECT k, v FROM kv WHERE k >= ? ORDER BY k LIMIT ?",
  );
  range.raw();
  const putAll = db.transaction((puts: readonly Put[]) => {
    for (const { key, value } of puts) {
      insert.run(key, value);
    }
  });
  const gathering = new Gathering((puts) => {
    putAll(puts);
  });
  return Promise.resolve({
    put: (key, value) => {
      if (concurrent) {
        return gathering.put({ key, value });
      }
      insert.run(key, value);
      return undefined;
    },
    putBatch: (puts) => {
      putAll(puts);
      return undefined;
    },
    get: undefined,
    getSync: (key) => select.get(key),
    scan: (from, limit) => {
      let entries = 0;
      for (const [, value] of range.iterate(from, limit)) {
        entries += value.length > 0 ? 1 : 0;
      }
      return entries;
    },
    settle: () => undefined,
    close: () => {
      db.close();
      return undefined;
    },
  });
};
