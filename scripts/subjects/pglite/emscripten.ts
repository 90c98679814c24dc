import type { VirtualFile } from "../../../sim/disk/virtual-file.ts";

/** Of the code that Emscripten makes around a WebAssembly module, what a mount and its clock need. */

/** A name in the tree that programs see; one file may be open under a node that has no name any more. */
export interface EmscriptenNode {
  readonly id: number;
  name: string;
  /** Its own parent when it is a root. */
  parent: EmscriptenNode;
  mode: number;
  node_ops: unknown;
  stream_ops: unknown;
  /** What lies on the virtual disk, where the node stands for a file there. */
  file?: VirtualFile;
}

export interface EmscriptenStream {
  readonly node: EmscriptenNode;
  readonly position: number;
}

/** What changes about a node; the rest is undefined. */
export interface EmscriptenAttributes {
  readonly mode?: number;
  readonly size?: number;
}

export interface EmscriptenFileSystem {
  readonly ErrnoError: new (errno: number) => Error;
  createNode(
    parent: EmscriptenNode | null,
    name: string,
    mode: number,
    device: number,
  ): EmscriptenNode;
  mkdirTree(path: string): void;
  mount(type: { mount(): EmscriptenNode }, options: object, path: string): unknown;
}

export interface EmscriptenModule {
  readonly FS: EmscriptenFileSystem;
  readonly HEAPU8: Uint8Array;
}

/** The functions that a module imports, by name. Those replaced before it is instantiated are the ones it calls. */
export type WasmImports = Record<string, unknown>;

export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

/** What the module is started with. */
export interface EmscriptenOptions {
  readonly preRun?: readonly ((module: EmscriptenModule) => void)[];
  readonly wasmMemory?: WasmMemory;
  readonly instantiateWasm?: (
    imports: Readonly<Record<string, WasmImports>>,
    success: (...result: unknown[]) => void,
  ) => object;
}
