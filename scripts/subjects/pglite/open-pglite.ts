import {
  CorruptSubjectError,
  type OpenSubject,
  type SubjectWorld,
  type SubjectWrite,
} from "../../../sim/subjects/subject.ts";
import { putCluster } from "./cluster-image.ts";
import { PgliteInstance } from "./pglite-instance.ts";
import type { PgliteResult } from "./pglite-package.ts";

/** A server writes pages back all the time; a single-user one only when it is told to. */
const COMMITS_PER_CHECKPOINT = 3;

/**
 * Names the process that runs on the cluster. PostgreSQL refuses to start over an empty one, which a crash
 * during its start leaves, and tells its operator to remove it.
 */
const LOCK_FILE = "/postmaster.pid";

/** Opens the cluster on a disk, and makes it where there is nothing. */
export async function openPglite(
  world: SubjectWorld,
  settings: readonly string[],
): Promise<OpenSubject> {
  if (world.disk.readDirectory("/").length === 0) {
    await putCluster(world.disk);
  }
  if (world.disk.stat(LOCK_FILE) !== undefined) {
    world.disk.unlink(LOCK_FILE);
  }
  return new OpenPglite(await PgliteInstance.open(world, { settings }));
}

class OpenPglite implements OpenSubject {
  readonly #instance: PgliteInstance;
  #commits = 0;

  constructor(instance: PgliteInstance) {
    this.#instance = instance;
  }

  async commit(writes: readonly SubjectWrite[]): Promise<void> {
    this.#commits += 1;
    if (this.#commits % COMMITS_PER_CHECKPOINT === 0) {
      await this.#instance.run("CHECKPOINT");
    }
    const statements = ["BEGIN", ...writes.map(statementOf), "COMMIT"];
    const results = await this.#instance.run(statements.join(";\n"));
    if (results.length !== statements.length) {
      throw new Error(`of ${statements.length} statements PostgreSQL answered ${results.length}`);
    }
  }

  /** By the index and from beginning to end: they have to agree; and amcheck looks at the structure. */
  async readAll(): Promise<ReadonlyMap<string, string>> {
    const byIndex = await this.#read("enable_indexscan");
    const bySequence = await this.#read("enable_seqscan");
    const differing = [...bySequence].find(([key, value]) => byIndex.get(key) !== value);
    if (byIndex.size !== bySequence.size || differing !== undefined) {
      throw new CorruptSubjectError(
        `the index has ${byIndex.size} rows, the table ${bySequence.size}` +
          (differing === undefined ? "" : `; ${differing[0]} is not what the index finds`),
      );
    }
    await this.#check();
    return bySequence;
  }

  close(): Promise<void> {
    return this.#instance.close();
  }

  abandon(): void {
    this.#instance.abandon();
  }

  async #read(scan: string): Promise<ReadonlyMap<string, string>> {
    const rows = await this.#rows(`
      SET enable_seqscan = off; SET enable_indexscan = off;
      SET enable_bitmapscan = off; SET enable_indexonlyscan = off;
      SET ${scan} = on;
      SELECT key, value FROM store ORDER BY key`);
    const contents = new Map(rows.map(({ key, value }) => [String(key), String(value)]));
    if (contents.size !== rows.length) {
      throw new CorruptSubjectError(`${rows.length} rows have ${contents.size} keys`);
    }
    return contents;
  }

  async #check(): Promise<void> {
    await this.#instance.run("SELECT bt_index_check('store_pkey', true)");
    const [found] = await this.#rows("SELECT msg FROM verify_heapam('store')");
    if (found !== undefined) {
      throw new CorruptSubjectError(`amcheck says: ${String(found["msg"])}`);
    }
  }

  async #rows(sql: string): Promise<PgliteResult["rows"]> {
    const results = await this.#instance.run(sql);
    const last = results.at(-1);
    if (last === undefined) {
      throw new Error(`PostgreSQL answered nothing to ${sql}`);
    }
    return last.rows;
  }
}

function statementOf({ key, value }: SubjectWrite): string {
  return value === undefined
    ? `DELETE FROM store WHERE key = ${quoted(key)}`
    : `INSERT INTO store VALUES (${quoted(key)}, ${quoted(value)})
         ON CONFLICT (key) DO UPDATE SET value = excluded.value`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
