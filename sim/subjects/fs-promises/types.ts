/**
 * The part of `node:fs/promises` that the virtual disk answers. The real module fits this type: code that takes
 * it as a parameter runs on both.
 */
export interface FsPromises {
  readonly constants: FsConstants;
  /** Flags as Node.js knows them by letters: `r`, `r+`, `w`, `wx`, `w+`, `wx+`, `a`, `ax`, `a+`, `ax+`. */
  open(path: string, flags?: string, mode?: number): Promise<FsFileHandle>;
  readFile(path: string, options?: BytesOptions | null): Promise<Uint8Array>;
  readFile(path: string, options: FsEncoding | TextOptions): Promise<string>;
  writeFile(path: string, data: FsData, options?: WriteFileOptions): Promise<void>;
  appendFile(path: string, data: FsData, options?: WriteFileOptions): Promise<void>;
  truncate(path: string, bytes?: number): Promise<void>;
  copyFile(from: string, to: string, mode?: number): Promise<void>;
  /** Of files, within one directory: the virtual disk moves nothing between directories. */
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  rm(path: string, options?: RmOptions): Promise<void>;
  mkdir(
    path: string,
    options: MkdirOptions & { readonly recursive: true },
  ): Promise<string | undefined>;
  mkdir(path: string, options?: MkdirOptions): Promise<unknown>;
  rmdir(path: string): Promise<void>;
  readdir(path: string): Promise<string[]>;
  readdir(path: string, options: { readonly withFileTypes: true }): Promise<FsDirent[]>;
  stat(path: string): Promise<FsStats>;
  lstat(path: string): Promise<FsStats>;
  access(path: string, mode?: number): Promise<void>;
}

export interface FsConstants {
  readonly F_OK: number;
  readonly R_OK: number;
  readonly W_OK: number;
  readonly X_OK: number;
  readonly COPYFILE_EXCL: number;
}

export type FsEncoding = "utf8" | "utf-8" | "latin1" | "binary" | "ascii" | "hex" | "base64";

export type FsData = string | Uint8Array;

export interface BytesOptions {
  readonly encoding?: null;
  readonly flag?: string;
}

export interface TextOptions {
  readonly encoding: FsEncoding;
  readonly flag?: string;
}

export type WriteFileOptions =
  | FsEncoding
  | {
      readonly encoding?: FsEncoding | null;
      readonly flag?: string;
      readonly mode?: number;
      /** Syncs the file before it is closed; never the directory that its name is in. */
      readonly flush?: boolean;
    }
  | null;

export interface RmOptions {
  readonly recursive?: boolean;
  readonly force?: boolean;
}

export interface MkdirOptions {
  readonly recursive?: boolean;
  readonly mode?: number;
}

export interface FsStats {
  readonly size: number;
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

export interface FsDirent {
  readonly name: string;
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

/** What of a buffer is to be transferred, and where in the file. */
export interface TransferOptions {
  readonly offset?: number;
  readonly length?: number;
  /** Null for where the last transfer ended. */
  readonly position?: number | null;
}

/** Of a directory, too, which can only be synced: that makes the names in it durable. */
export interface FsFileHandle {
  read<T extends Uint8Array>(
    target: T,
    offset?: number | null,
    length?: number | null,
    position?: number | null,
  ): Promise<{ readonly bytesRead: number; readonly buffer: T }>;
  read<T extends Uint8Array>(
    target: T,
    options: TransferOptions,
  ): Promise<{ readonly bytesRead: number; readonly buffer: T }>;
  read<T extends Uint8Array>(
    options: TransferOptions & { readonly buffer: T },
  ): Promise<{ readonly bytesRead: number; readonly buffer: T }>;
  write<T extends Uint8Array>(
    source: T,
    offset?: number | null,
    length?: number | null,
    position?: number | null,
  ): Promise<{ readonly bytesWritten: number; readonly buffer: T }>;
  write(
    text: string,
    position?: number | null,
    encoding?: FsEncoding | null,
  ): Promise<{ readonly bytesWritten: number; readonly buffer: string }>;
  readFile(options?: { readonly encoding?: null } | null): Promise<Uint8Array>;
  readFile(options: FsEncoding | { readonly encoding: FsEncoding }): Promise<string>;
  writeFile(
    data: FsData,
    options?: FsEncoding | { readonly encoding?: FsEncoding } | null,
  ): Promise<void>;
  appendFile(
    data: FsData,
    options?: FsEncoding | { readonly encoding?: FsEncoding } | null,
  ): Promise<void>;
  truncate(bytes?: number): Promise<void>;
  stat(): Promise<FsStats>;
  datasync(): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}
