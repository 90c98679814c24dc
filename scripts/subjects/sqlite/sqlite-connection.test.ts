import { describe, expect, it } from "vitest";
import { Streams } from "../../../sim/core/streams.ts";
import { PROFILES } from "../../../sim/disk/profiles.ts";
import { VirtualDisk } from "../../../sim/disk/virtual-disk.ts";
import { ForeignWorld } from "../../../sim/subjects/foreign-world.ts";
import { RunawaySubjectError } from "../../../sim/subjects/subject.ts";
import { SqliteConnection, SqliteHost } from "./sqlite-connection.ts";
import { loadSqlite } from "./sqlite-library.ts";
import { SQLITE } from "./sqlite-codes.ts";
import { declarationOf } from "./sqlite-subject.ts";
import { UnixFiles } from "./unix-files.ts";

const PROFILE = PROFILES.paranoid;

function makeFiles(disk = new VirtualDisk({ profile: PROFILE })): UnixFiles {
  const world = new ForeignWorld(PROFILE, new Streams("sqlite").stream("entropy"));
  return new UnixFiles(world.with(disk), declarationOf(PROFILE));
}

async function connect(setUp = "PRAGMA hard_heap_limit = 67108864"): Promise<SqliteConnection> {
  return new SqliteConnection(await SqliteHost.load(), makeFiles(), setUp);
}

async function askWorld(): Promise<string[][]> {
  const connection = await connect();
  const rows = connection.rows("SELECT hex(randomblob(16)), strftime('%Y-%m-%d %f')", 2);
  connection.abandon();
  return rows;
}

describe("a connection", () => {
  it("ends a statement that would not end by itself", async () => {
    const connection = await connect();
    const endless =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT max(i) FROM n";
    expect(() => connection.rows(endless, 1)).toThrow(RunawaySubjectError);
    connection.abandon();
  });

  it("ends what asks for too much memory", async () => {
    const connection = await connect();
    expect(() => {
      connection.run("SELECT zeroblob(100000000) || 'x'");
    }).toThrow(RunawaySubjectError);
    connection.abandon();
  });

  it("keeps temporary files off the disk that is crashed", async () => {
    const disk = new VirtualDisk({ profile: PROFILE });
    const connection = new SqliteConnection(
      await SqliteHost.load(),
      makeFiles(disk),
      "PRAGMA temp_store = FILE; PRAGMA cache_size = 10; CREATE TEMP TABLE t (x)",
    );
    connection.run("INSERT INTO t SELECT zeroblob(1000000)");
    expect(connection.rows("SELECT CAST(length(x) AS TEXT) FROM t", 1)).toEqual([["1000000"]]);
    connection.close();
    expect(disk.counters.bytesWritten).toBe(0);
  });

  it("takes time and random numbers from its world only", async () => {
    expect(await askWorld()).toEqual(await askWorld());
  });
});

describe("the files of a process", () => {
  it("grow only so far", () => {
    const files = makeFiles();
    const open = files.openTemporary();
    expect(files.write(open, new Uint8Array(1), 1e12)).toBe(SQLITE.IOERR);
    expect(files.truncate(open, 1e12)).toBe(SQLITE.IOERR);
    expect(files.runaway).toBe("it wrote at 1000000000000");
  });

  it("are read only so often in one call", () => {
    const files = makeFiles();
    const open = files.openTemporary();
    const target = new Uint8Array(1);
    let reads = 0;
    while (files.runaway === undefined) {
      files.read(open, target, 0);
      reads += 1;
    }
    expect(reads).toBe(100_001);
    files.begin();
    expect(files.read(open, target, 0)).toBe(SQLITE.IOERR_SHORT_READ);
  });

  it("stay as they are once it is dead", () => {
    const disk = new VirtualDisk({ profile: PROFILE });
    const files = makeFiles(disk);
    const open = files.open("/f", SQLITE.OPEN_CREATE);
    if (typeof open === "number") {
      throw new Error(`code ${open}`);
    }
    files.die();
    expect(files.write(open, new Uint8Array(4), 0)).toBe(SQLITE.IOERR_WRITE);
    expect(files.delete("/f", true)).toBe(SQLITE.IOERR_DELETE);
    expect(disk.stat("/f")).toEqual({ kind: "file", bytes: 0 });
  });
});

describe("the package", () => {
  it("is asked for by name and version when it is not there", async () => {
    const missing = Object.assign(new Error("Cannot find it"), { code: "ERR_MODULE_NOT_FOUND" });
    await expect(loadSqlite(() => Promise.reject(missing))).rejects.toThrow(
      "npm install --save-dev @sqlite.org/sqlite-wasm@3.54.1-build1",
    );
  });

  it("is not called missing when it fails otherwise", async () => {
    const broken = new Error("it is broken");
    await expect(loadSqlite(() => Promise.reject(broken))).rejects.toBe(broken);
  });
});
