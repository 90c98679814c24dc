import { assert } from "../../../engine/base/assert.ts";

/** SQLite's functions as WebAssembly exports them: pointers are numbers, nothing is converted. */
export interface SqliteExports {
  sqlite3_malloc(bytes: number): number;
  sqlite3_free(pointer: number): void;
  sqlite3_randomness(bytes: number, target: number): void;
  sqlite3_vfs_register(vfs: number, isDefault: number): number;
  sqlite3_open_v2(name: number, connectionAt: number, flags: number, vfsName: number): number;
  sqlite3_close_v2(connection: number): number;
  sqlite3_exec(connection: number, sql: number, ...unused: readonly [0, 0, 0]): number;
  sqlite3_progress_handler(
    connection: number,
    steps: number,
    handler: number,
    argument: number,
  ): void;
  sqlite3_extended_errcode(connection: number): number;
  sqlite3_errmsg(connection: number): number;
  sqlite3_prepare_v2(
    connection: number,
    sql: number,
    bytes: number,
    ...targets: readonly [statementAt: number, tailAt: number]
  ): number;
  sqlite3_bind_text(
    statement: number,
    parameter: number,
    text: number,
    ...rest: readonly [bytes: number, destructor: number]
  ): number;
  sqlite3_step(statement: number): number;
  sqlite3_reset(statement: number): number;
  sqlite3_finalize(statement: number): number;
  sqlite3_column_type(statement: number, column: number): number;
  sqlite3_column_text(statement: number, column: number): number;
  sqlite3_column_bytes(statement: number, column: number): number;
}

/** What is used of the package's own helpers. */
interface SqliteWasm {
  readonly exports: SqliteExports;
  /** Fetched for every use: it is another one when memory has grown. */
  heap8u(): Uint8Array;
  /** Puts a function where C can call it; `v(pi)` is one that returns nothing. */
  installFunction(signature: string, callback: (...values: never[]) => unknown): number;
}

/** A field of a C structure. */
interface FieldLayout {
  readonly offset: number;
  readonly sizeof: number;
  readonly signature: string;
}

export interface StructureLayout {
  readonly sizeof: number;
  readonly members: Readonly<Record<string, FieldLayout>>;
}

/** SQLite in memory of its own, and what is needed to give it a file system. */
export interface SqliteLibrary {
  readonly wasm: SqliteWasm;
  readonly vfsLayout: StructureLayout;
  readonly methodsLayout: StructureLayout;
}

/** What the package exports as far as it is used, in fewer and truer types than its own. */
interface SqlitePackage {
  readonly wasm: SqliteWasm;
  readonly capi: {
    readonly sqlite3_vfs: { readonly structInfo: StructureLayout };
    readonly sqlite3_io_methods: { readonly structInfo: StructureLayout };
  };
}

type Start = (options: {
  print(text: string): void;
  printErr(text: string): void;
}) => Promise<SqlitePackage>;

export const SQLITE_PACKAGE = "@sqlite.org/sqlite-wasm";

/** `importing`: how the package is found. @throws Error that says what to install when it is not there. */
export async function loadSqlite(
  importing: () => Promise<unknown> = () => import(SQLITE_PACKAGE),
): Promise<SqliteLibrary> {
  const start = await findPackage(importing);
  const silent = { print: () => undefined, printErr: () => undefined };
  const { wasm, capi } = await start(silent);
  return {
    wasm,
    vfsLayout: capi.sqlite3_vfs.structInfo,
    methodsLayout: capi.sqlite3_io_methods.structInfo,
  };
}

async function findPackage(importing: () => Promise<unknown>): Promise<Start> {
  try {
    const loaded = await importing();
    assert(isPackage(loaded), `${SQLITE_PACKAGE} exports no function that starts it`);
    return loaded.default;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND") {
      throw new Error(
        `${SQLITE_PACKAGE} is not installed, and sqlite: subjects need it: ` +
          `npm install --save-dev ${SQLITE_PACKAGE}@3.54.1-build1`,
        { cause: error },
      );
    }
    throw error;
  }
}

function isPackage(loaded: unknown): loaded is { readonly default: Start } {
  return (
    typeof loaded === "object" &&
    loaded !== null &&
    "default" in loaded &&
    typeof loaded.default === "function"
  );
}
