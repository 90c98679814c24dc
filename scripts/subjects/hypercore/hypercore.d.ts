// What the adapter uses of hypercore 10 and random-access-storage 3, which bring no types of their own.

declare module "random-access-storage" {
  export interface Request<Answer> {
    readonly offset: number;
    readonly size: number;
    readonly data: Uint8Array;
    readonly storage: RandomAccessStorage;
    callback(error: Error | null, answer?: Answer): void;
  }

  export interface Methods {
    open(request: Request<void>): void;
    read(request: Request<Uint8Array>): void;
    write(request: Request<void>): void;
    truncate(request: Request<void>): void;
    stat(request: Request<{ readonly size: number }>): void;
    close(request: Request<void>): void;
    unlink(request: Request<void>): void;
  }

  export default class RandomAccessStorage {
    /** Whether it was opened to write. */
    readonly writing: boolean;
    constructor(methods: Methods);
  }
}

declare module "hypercore" {
  import type RandomAccessStorage from "random-access-storage";

  export interface HypercoreOptions {
    readonly keyPair: { readonly publicKey: Uint8Array; readonly secretKey: Uint8Array };
    readonly active: boolean;
    readonly notDownloadingLinger: number;
  }

  export default class Hypercore {
    readonly length: number;
    /** What a core is behind its sessions. */
    readonly core: { audit(): Promise<{ readonly tree: number; readonly blocks: number }> };
    constructor(storage: (name: string) => RandomAccessStorage, options: HypercoreOptions);
    ready(): Promise<void>;
    append(block: Uint8Array): Promise<unknown>;
    get(index: number, options: { readonly wait: false }): Promise<Uint8Array | null>;
    close(): Promise<void>;
  }
}
