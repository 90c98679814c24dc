import { CorruptSubjectError, RunawaySubjectError } from "../../../sim/subjects/subject.ts";
import { primaryCode, SQLITE } from "./sqlite-codes.ts";
import { loadSqlite, type SqliteLibrary } from "./sqlite-library.ts";
import { SqliteVfs } from "./sqlite-vfs.ts";
import type { UnixFiles } from "./unix-files.ts";

const PATH = "/main.db";
/** Steps of SQLite's virtual machine between two looks at how many there were, and how many looks. */
const STEPS = 100_000;
const LOOKS_MAX = 20;
const SCRATCH_BYTES_MIN = 64 * 1024;

/** The library and what is made once in its memory. Shared by all connections of a thread. */
export class SqliteHost {
  static #only: SqliteHost | undefined;
  readonly library: SqliteLibrary;
  readonly vfs: SqliteVfs;
  /** Eight bytes for what functions return through pointers. */
  readonly out: number;
  /** Is called every so many steps of a statement. */
  readonly watcher: number;
  readonly path: number;
  readonly #sql = new Map<string, number>();
  #memory: Buffer = Buffer.alloc(0);
  #scratch = 0;
  #scratchBytes = 0;
  #looksLeft = 0;
  #broken = false;
  #files: UnixFiles | undefined;

  private constructor(library: SqliteLibrary) {
    this.library = library;
    this.vfs = new SqliteVfs(library);
    this.out = library.wasm.exports.sqlite3_malloc(8);
    this.path = this.vfs.text(PATH);
    this.watcher = library.wasm.installFunction("i(p)", () => this.#look());
  }

  /** The one of this thread, when it is there already. */
  static get loaded(): SqliteHost | undefined {
    return SqliteHost.#only;
  }

  static async load(): Promise<SqliteHost> {
    const library = await loadSqlite();
    SqliteHost.#only ??= new SqliteHost(library);
    return SqliteHost.#only;
  }

  /** SQLite trapped: what it has in memory is worth nothing any more. The next one to ask gets a new one. */
  discard(): void {
    this.#broken = true;
    if (SqliteHost.#only === this) {
      SqliteHost.#only = undefined;
    }
  }

  get isBroken(): boolean {
    return this.#broken;
  }

  enter(files: UnixFiles): void {
    this.#files = files;
    this.#looksLeft = LOOKS_MAX;
    this.vfs.enter(files);
  }

  /** SQL as a C string, made once. */
  sql(text: string): number {
    const known = this.#sql.get(text);
    if (known !== undefined) {
      return known;
    }
    const made = this.vfs.text(text);
    this.#sql.set(text, made);
    return made;
  }

  /** Room for so many bytes, until the next call. */
  scratch(bytes: number): number {
    if (bytes > this.#scratchBytes) {
      const { exports } = this.library.wasm;
      exports.sqlite3_free(this.#scratch);
      this.#scratchBytes = Math.max(bytes, SCRATCH_BYTES_MIN);
      this.#scratch = exports.sqlite3_malloc(this.#scratchBytes);
    }
    return this.#scratch;
  }

  pointerAt(address: number): number {
    return this.memory.readUInt32LE(address);
  }

  /** Good until the next call into SQLite, which may let its memory grow. */
  get memory(): Buffer {
    const { buffer } = this.library.wasm.heap8u();
    if (this.#memory.buffer !== buffer) {
      this.#memory = Buffer.from(buffer);
    }
    return this.#memory;
  }

  #look(): number {
    this.#looksLeft -= 1;
    if (this.#looksLeft >= 0) {
      return 0;
    }
    this.#files?.stop("a statement went on without end");
    return 1;
  }
}

/** A `sqlite3*` and its prepared statements, of one process. Errors of SQLite come out as exceptions. */
export class SqliteConnection {
  readonly #host: SqliteHost;
  readonly #files: UnixFiles;
  readonly #statements = new Map<string, number>();
  #pointer = 0;

  /** @throws CorruptSubjectError and others, and then nothing is left of it. */
  constructor(host: SqliteHost, files: UnixFiles, setUp: string) {
    this.#host = host;
    this.#files = files;
    try {
      this.#enter(() => {
        const flags = SQLITE.OPEN_READWRITE | SQLITE.OPEN_CREATE;
        const code = this.#exports.sqlite3_open_v2(host.path, host.out, flags, 0);
        this.#pointer = host.pointerAt(host.out);
        this.#check(code);
        this.#exports.sqlite3_progress_handler(this.#pointer, STEPS, host.watcher, 0);
        this.#check(this.#exports.sqlite3_exec(this.#pointer, host.sql(setUp), 0, 0, 0));
      });
    } catch (error) {
      this.abandon();
      throw error;
    }
  }

  /** Runs a statement that returns nothing. */
  run(sql: string, texts: readonly string[] = []): void {
    this.#enter(() => {
      const statement = this.#prepared(sql);
      this.#bind(statement, texts);
      const code = this.#exports.sqlite3_step(statement);
      this.#exports.sqlite3_reset(statement);
      if (code !== SQLITE.ROW) {
        this.#check(code);
      }
    });
  }

  /** The texts of all rows. A column that holds no text, against the schema, counts as damage. */
  rows(sql: string, columns: number): string[][] {
    return this.#enter(() => {
      const statement = this.#prepared(sql);
      const rows: string[][] = [];
      let code = this.#exports.sqlite3_step(statement);
      while (code === SQLITE.ROW) {
        rows.push(Array.from({ length: columns }, (_, column) => this.#column(statement, column)));
        code = this.#exports.sqlite3_step(statement);
      }
      this.#exports.sqlite3_reset(statement);
      this.#check(code);
      return rows;
    });
  }

  /** After an error. SQLite may have done so already. */
  rollBack(): void {
    this.#host.enter(this.#files);
    this.#exports.sqlite3_exec(this.#pointer, this.#host.sql("ROLLBACK"), 0, 0, 0);
  }

  /** An orderly end: the last one of a database with a WAL checkpoints it and removes it. */
  close(): void {
    this.#enter(() => {
      this.#finalize();
      this.#check(this.#exports.sqlite3_close_v2(this.#pointer));
    });
    this.#files.die();
  }

  /** The process died: memory is freed, and whatever SQLite tries then does not reach the disk. */
  abandon(): void {
    this.#files.die();
    if (this.#host.isBroken) {
      return;
    }
    this.#host.enter(this.#files);
    this.#finalize();
    this.#exports.sqlite3_close_v2(this.#pointer);
  }

  get #exports(): SqliteLibrary["wasm"]["exports"] {
    return this.#host.library.wasm.exports;
  }

  /** Calls into SQLite; what went wrong outside of it goes before what it says itself. */
  #enter<T>(call: () => T): T {
    this.#host.enter(this.#files);
    try {
      return call();
    } catch (error) {
      if (isTrap(error)) {
        this.#host.discard();
      }
      throw this.#files.failure ?? error;
    }
  }

  #prepared(sql: string): number {
    const known = this.#statements.get(sql);
    if (known !== undefined) {
      return known;
    }
    const { out } = this.#host;
    const text = this.#host.sql(sql);
    this.#check(this.#exports.sqlite3_prepare_v2(this.#pointer, text, -1, out, 0));
    const made = this.#host.pointerAt(out);
    this.#statements.set(sql, made);
    return made;
  }

  /** The bytes stay where they are until the statement has run. */
  #bind(statement: number, texts: readonly string[]): void {
    if (texts.length === 0) {
      return;
    }
    const bytes = texts.reduce((sum, { length }) => sum + length, 0);
    let at = this.#host.scratch(bytes);
    const { memory } = this.#host;
    for (const [index, text] of texts.entries()) {
      memory.write(text, at, text.length, "latin1");
      this.#check(this.#exports.sqlite3_bind_text(statement, index + 1, at, text.length, 0));
      at += text.length;
    }
  }

  #column(statement: number, column: number): string {
    const { exports } = this.#host.library.wasm;
    if (exports.sqlite3_column_type(statement, column) !== SQLITE.TEXT) {
      throw new CorruptSubjectError("a row holds something else than text");
    }
    const from = exports.sqlite3_column_text(statement, column);
    const to = from + exports.sqlite3_column_bytes(statement, column);
    return this.#host.memory.toString("latin1", from, to);
  }

  #finalize(): void {
    for (const statement of this.#statements.values()) {
      this.#exports.sqlite3_finalize(statement);
    }
    this.#statements.clear();
  }

  /** @throws for every result code that is no success. */
  #check(code: number): void {
    if (this.#files.failure !== undefined) {
      throw this.#files.failure;
    }
    if (code === SQLITE.OK || code === SQLITE.DONE) {
      return;
    }
    const message = `SQLite: ${this.#message()} (${this.#exports.sqlite3_extended_errcode(this.#pointer)})`;
    const { runaway } = this.#files;
    if (runaway !== undefined || code === SQLITE.NOMEM) {
      throw new RunawaySubjectError(`${runaway ?? "it asked for too much memory"}: ${message}`);
    }
    const primary = primaryCode(code);
    if (primary === SQLITE.CORRUPT || primary === SQLITE.NOTADB) {
      throw new CorruptSubjectError(message);
    }
    throw new Error(message);
  }

  #message(): string {
    const from = this.#exports.sqlite3_errmsg(this.#pointer);
    const { memory } = this.#host;
    return memory.toString("latin1", from, memory.indexOf(0, from));
  }
}

/** The machine that SQLite is compiled for stopped in the middle of it, or its stack is full. */
function isTrap(error: unknown): boolean {
  return error instanceof RangeError || (error instanceof Error && error.name === "RuntimeError");
}
