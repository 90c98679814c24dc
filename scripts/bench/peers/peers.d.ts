// What the benchmark uses of its peers. Declared here and not asked of them: what is built must not depend on
// whether native code could be installed.

declare module "better-sqlite3" {
  interface Statement<Bind extends unknown[], Row> {
    run(...bind: Bind): unknown;
    get(...bind: Bind): Row | undefined;
    iterate(...bind: Bind): IterableIterator<Row>;
    pluck(): this;
    raw(): this;
  }

  export default class Database {
    constructor(file: string);
    pragma(text: string): unknown;
    exec(sql: string): this;
    prepare<Bind extends unknown[], Row = unknown>(sql: string): Statement<Bind, Row>;
    transaction<A extends unknown[]>(work: (...args: A) => void): (...args: A) => void;
    close(): this;
  }
}

declare module "classic-level" {
  interface Iterator<K, V> {
    nextv(size: number): Promise<[K, V][]>;
    close(): Promise<void>;
  }

  interface WriteOptions {
    readonly sync: boolean;
  }

  export class ClassicLevel<K, V> {
    constructor(directory: string, options: Readonly<Record<string, unknown>>);
    open(): Promise<void>;
    close(): Promise<void>;
    get(key: K): Promise<V | undefined>;
    getSync(key: K): V | undefined;
    put(key: K, value: V, options: WriteOptions): Promise<void>;
    batch(
      operations: readonly { readonly type: "put"; readonly key: K; readonly value: V }[],
      options: WriteOptions,
    ): Promise<void>;
    iterator(options: { readonly gte: K; readonly limit: number }): Iterator<K, V>;
    compactRange(start: K, end: K): Promise<void>;
  }
}

declare module "lmdb" {
  interface Lmdb<V, K> {
    put(key: K, value: V): Promise<boolean>;
    getAsync(key: K): Promise<V | undefined>;
    getBinary(key: K): V | undefined;
    getRange(options: { readonly start: K; readonly limit: number }): Iterable<{
      readonly key: K;
      readonly value: V;
    }>;
    transaction(work: () => void): Promise<void>;
    close(): Promise<void>;
  }

  export function open<V, K>(
    directory: string,
    options: Readonly<Record<string, unknown>>,
  ): Lmdb<V, K>;
}
