import type { EmscriptenOptions } from "./emscripten.ts";

/** Of the package `@electric-sql/pglite`, what is used here. */
export interface PglitePackage {
  readonly PGlite: {
    readonly defaultStartParams: readonly string[];
    create(options: PgliteOptions): Promise<PgliteDatabase>;
  };
}

export interface PgliteOptions {
  readonly fs: PgliteFileSystem;
  readonly database: string;
  readonly startParams: readonly string[];
  readonly initDbStartParams?: readonly string[];
  readonly initialMemory?: number;
  readonly extensions: Readonly<Record<string, unknown>>;
  /** True when the line was not for it. */
  readonly onStderr: (line: string) => boolean;
}

/** Where its files are. */
export interface PgliteFileSystem {
  init(
    database: unknown,
    options: EmscriptenOptions,
  ): Promise<{ readonly emscriptenOpts: EmscriptenOptions }>;
  initialSyncFs(): Promise<void>;
  syncToFs(): Promise<void>;
  dumpTar(): Promise<never>;
  closeFs(): Promise<void>;
}

export interface PgliteDatabase {
  exec(sql: string): Promise<readonly PgliteResult[]>;
  close(): Promise<void>;
}

/** What one statement brought. */
export interface PgliteResult {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

/** The package, and the extension of it that checks tables and indexes. */
export interface LoadedPglite {
  readonly PGlite: PglitePackage["PGlite"];
  readonly amcheck: unknown;
}

const PACKAGE = "@electric-sql/pglite";

/** @throws Error that says what to install, when the package is missing. */
export async function loadPglite(): Promise<LoadedPglite> {
  try {
    // By names that the compiler does not follow: the types of the package want those of Emscripten.
    const main: PglitePackage = await import(PACKAGE);
    const contrib: { readonly amcheck: unknown } = await import(`${PACKAGE}/contrib/amcheck`);
    return { PGlite: main.PGlite, amcheck: contrib.amcheck };
  } catch (cause) {
    throw new Error(`the pglite subjects need a package: npm install ${PACKAGE}@0.5.16`, { cause });
  }
}
