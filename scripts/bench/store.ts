/** How a workload wants a peer's store opened. */
export interface StoreNeeds {
  /** A put resolves only once it survives a power cut; otherwise once it survives the death of the process. */
  readonly durable: boolean;
  /** For the floor, which keeps nothing between two processes: how many keys it holds. */
  readonly keys: number;
  /** Nothing will be put. */
  readonly readOnly: boolean;
  /** Keep a log of this size instead of turning it into tables earlier; 0 for the peer's own default. */
  readonly logBytes: number;
  /** Many puts will wait at once: a peer without group commit gathers those of one turn by hand. */
  readonly concurrent: boolean;
}

export interface Put {
  readonly key: string;
  readonly value: Buffer;
}

/**
 * A peer's store, each call by the fastest documented way that does it. Calls that are synchronous in the
 * peer return without a promise, so that nobody pays for a hop that his own API does not have.
 */
export interface Store {
  put(key: string, value: Buffer): Promise<unknown> | undefined;
  putBatch(puts: readonly Put[]): Promise<unknown> | undefined;
  /** The asynchronous get; undefined for a peer without one. */
  readonly get: ((key: string) => Promise<unknown>) | undefined;
  readonly getSync: ((key: string) => unknown) | undefined;
  /** `getSync` answers undefined for what is not in memory: `get` has it then. */
  readonly getSyncMisses?: boolean;
  /** Reads at most `limit` entries, keys and values, from a key on; returns how many there were. */
  scan(from: string, limit: number): Promise<number> | number;
  /** Work that the peer has put off, such as compaction: done before anybody reads. */
  settle(): Promise<void> | undefined;
  close(): Promise<void> | undefined;
}

export type OpenStore = (directory: string, needs: StoreNeeds) => Promise<Store>;

export const DEFAULT_NEEDS: StoreNeeds = {
  durable: false,
  keys: 0,
  readOnly: false,
  logBytes: 0,
  concurrent: false,
};

/** A get as the peer's users would do it: at once where that is possible, else by waiting. */
export function readerOf(store: Store): (key: string) => Promise<unknown> | undefined {
  const { get, getSync, getSyncMisses = false } = store;
  if (getSync === undefined) {
    return (key) => get?.(key);
  }
  return (key) => {
    const found = getSync(key);
    return found === undefined && getSyncMisses ? get?.(key) : undefined;
  };
}
