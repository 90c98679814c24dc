import type { WasmMemory } from "./emscripten.ts";

/** What PGlite's module asks for at least. */
const PAGES_MIN = 2048;
/** What may become of it: a database of a few rows that wants more than 512 MiB has run away. */
const PAGES_MAX = 8192;

/** In the types of Node.js there is no WebAssembly. */
interface WebAssemblyNamespace {
  readonly Memory: new (limits: { initial: number; maximum: number }) => WasmMemory;
}

declare const WebAssembly: WebAssemblyNamespace;

/**
 * Memory for one instance at a time, used again and again. An instance that is let go of would keep its 128
 * MiB until the garbage collector comes, which does not know in what need of them the process is.
 */
export class WasmMemories {
  readonly #free: WasmMemory[] = [];

  /** Memory that holds zeros. */
  take(): WasmMemory {
    const used = this.#free.pop();
    if (used === undefined) {
      return new WebAssembly.Memory({ initial: PAGES_MIN, maximum: PAGES_MAX });
    }
    new Uint8Array(used.buffer).fill(0);
    return used;
  }

  /** The instance that had it must never run again. */
  giveBack(memory: WasmMemory): void {
    this.#free.push(memory);
  }
}
